struct S { @size(0) a: u32 }
// error 1:12 @size(0) of member "a" is less than 4, the size of u32
