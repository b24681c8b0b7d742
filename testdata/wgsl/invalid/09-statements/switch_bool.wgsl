fn f(a: bool) { switch a { case true { } default { } } }
// error 1:24 the selector of a switch is an integer, not bool
