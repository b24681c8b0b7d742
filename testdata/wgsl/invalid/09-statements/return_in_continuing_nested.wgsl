fn f(a: bool) { loop { if a { break; } continuing { loop { if a { return; } break; } } } }
// error 1:67 return in a continuing block
