fn f() { loop { break; continuing { return; } } }
// error 1:37 return in a continuing block
