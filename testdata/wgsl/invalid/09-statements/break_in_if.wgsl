fn f(a: bool) { if a { break; } }
// error 1:24 break outside a loop or switch
