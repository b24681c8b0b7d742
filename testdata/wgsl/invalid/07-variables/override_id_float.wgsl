@id(1.5) override a: u32;
// error 1:5 the argument of @id is an integer, not abstract-float
