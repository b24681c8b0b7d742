fn f() -> ptr<function, u32> { }
// error 1:11 a function cannot give a value of type ptr<function, u32>
