const a = array<u32>(1, 2);
// error 1:11 a value of type array<u32> cannot be constructed
