fn g(a: u32) {} fn f() { g<u32>(1); }
// error 1:26 function "g" takes no template arguments
