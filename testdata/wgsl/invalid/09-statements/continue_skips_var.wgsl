fn f(a: bool) { loop { if a { continue; } let x = 1; if a { break; } continuing { let y = x; } } }
// error 1:91 a continue may skip the declaration of "x", which the continuing block uses
