fn f() { var a: array<u32, 5000>; }
// error 1:14 "a" has 20000 bytes, more than the 8192 a function's variables may have
