fn f(a: bool) { loop { if a { break; } continuing { if a { break; } } } }
// error 1:60 break in a continuing block; it can only end with break if
