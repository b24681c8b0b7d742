fn f() -> array<u32> { }
// error 1:11 a function cannot give a value of type array<u32>
