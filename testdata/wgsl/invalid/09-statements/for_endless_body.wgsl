fn f(a: bool) { for (var i = 0; ; i++) { if a { let x = i; } } }
// error 1:17 this for never ends: it has neither a break nor a return
