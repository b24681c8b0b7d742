fn f() { switch 1 { case 1 { } } }
// error 1:10 a switch has exactly one default, found 0
