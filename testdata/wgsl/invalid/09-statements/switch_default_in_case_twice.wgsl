fn f(a: u32) { switch a { case 1, default { } default { } } }
// error 1:16 a switch has exactly one default, found 2
