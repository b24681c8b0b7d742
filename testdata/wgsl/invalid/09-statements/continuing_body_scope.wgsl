fn f() { loop { { let x = 1; } break; continuing { let y = x; } } }
// error 1:60 unknown name "x"
