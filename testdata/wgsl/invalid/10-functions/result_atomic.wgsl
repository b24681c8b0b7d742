fn f() -> atomic<u32> { }
// error 1:11 a function cannot give a value of type atomic<u32>
