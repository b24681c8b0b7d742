@id(1) override a: u32 = 1;
@id(1) override b: u32 = 1;
// error 2:17 @id(1) is given to "a" and to "b"
