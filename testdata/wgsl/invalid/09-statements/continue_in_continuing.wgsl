fn f() { loop { break; continuing { continue; } } }
// error 1:37 continue in a continuing block
