fn f(a: u32) { if a { } }
// error 1:19 the condition of if is a bool, not u32
