fn f(a: u32, b: u32) { switch a { case b { } default { } } }
// error 1:40 a case's selector must be a constant expression
