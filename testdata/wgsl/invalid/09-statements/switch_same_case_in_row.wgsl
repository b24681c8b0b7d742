fn f(a: u32) { switch a { case 1, 2, 1 { } default { } } }
// error 1:38 selector 1 stands twice in this switch; the first time at 1:32
