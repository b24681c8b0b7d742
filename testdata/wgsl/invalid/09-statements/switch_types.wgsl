fn f(a: i32) { switch a { case 1u { } default { } } }
// error 1:32 this case's selector is u32, the switch is on i32
