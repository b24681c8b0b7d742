override b: u32; fn f(a: u32) { switch a { case b { } default { } } }
// error 1:49 a case's selector must be a constant expression
