fn f() { var i = 0; loop { if i > 3 { continue; } let x = i; continuing { i += x; break if i > 9; } } }
// error 1:80 a continue may skip the declaration of "x", which the continuing block uses
