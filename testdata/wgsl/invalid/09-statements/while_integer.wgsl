fn f(a: u32) { while a { } }
// error 1:22 the condition of while is a bool, not u32
