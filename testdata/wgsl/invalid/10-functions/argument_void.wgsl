fn h() {} fn g(a: u32) {} fn f() { g(h()); }
// error 1:38 function "h" gives no value
