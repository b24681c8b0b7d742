fn f(a: bool) { loop { break; continuing { if a { continue; } } } }
// error 1:51 continue in a continuing block
