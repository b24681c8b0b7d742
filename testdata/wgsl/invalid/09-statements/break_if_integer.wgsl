fn f(a: u32) { loop { continuing { break if a; } } }
// error 1:45 the condition of break if is a bool, not u32
