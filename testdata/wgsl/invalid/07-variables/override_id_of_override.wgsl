override b: u32; @id(b) override a: u32;
// error 1:22 the argument of @id must be a constant expression
