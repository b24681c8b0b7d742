@const fn f() {}
// error 1:1 attribute @const is not allowed on a function
