fn f() { switch 1 { case 1, 1 { } default { } } }
// error 1:29 selector 1 stands twice in this switch; the first time at 1:26
