fn f() { var a = 1; a <<= 32u; }
// error 1:23 shift by 32, but i32 has 32 bits
