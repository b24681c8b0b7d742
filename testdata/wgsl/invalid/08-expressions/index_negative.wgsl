fn f() { var a: array<u32, 4>; a[-1] = 2; }
// error 1:34 index -1 is out of bounds of array<u32, 4>
