const k = 3; fn f(a: i32) { switch a { case k { } case 1 + 2 { } default { } } }
// error 1:58 selector 3 stands twice in this switch; the first time at 1:45
