fn f(a: u32) { switch a { case -1 { } default { } } }
// error 1:32 value -1 cannot be represented as u32
