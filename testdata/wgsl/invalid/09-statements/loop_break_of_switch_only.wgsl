fn f(a: u32) { loop { switch a { case 1 { break; } default { } } } }
// error 1:16 this loop never ends: it has neither a break nor a return
