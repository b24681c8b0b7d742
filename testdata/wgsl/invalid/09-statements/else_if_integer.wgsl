fn f(a: u32) { if true { } else if a { } }
// error 1:36 the condition of if is a bool, not u32
