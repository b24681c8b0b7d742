fn f(a: u32) { switch a { case 1 { fallthrough; } default { } } }
// error 1:36 "fallthrough" is a reserved word
