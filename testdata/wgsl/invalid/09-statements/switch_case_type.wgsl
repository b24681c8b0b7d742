fn f(a: u32) { switch a { case 1i { } default { } } }
// error 1:32 this case's selector is i32, the switch is on u32
