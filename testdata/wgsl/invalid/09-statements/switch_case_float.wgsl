fn f(a: u32) { switch a { case 1.0 { } default { } } }
// error 1:32 this case's selector is abstract-float, the switch is on u32
