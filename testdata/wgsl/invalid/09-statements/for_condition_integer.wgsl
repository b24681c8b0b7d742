fn f() { for (var i = 0; i; i++) { } }
// error 1:26 the condition of for is a bool, not i32
