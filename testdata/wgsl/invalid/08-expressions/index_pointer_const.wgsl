fn f(p: ptr<function, array<u32, 2>>) -> u32 { return (*p)[2]; }
// error 1:60 index 2 is out of bounds of array<u32, 2>
