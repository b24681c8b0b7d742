fn f() { if (1) { } }
// error 1:14 the condition of if is a bool, not abstract-int
