@align(4) fn f() {}
// error 1:1 attribute @align is not allowed on a function
