fn a() { b(); } fn b() { c(); } fn c() { a(); }
// error 1:42 function "c" calls "a" again: recursion is forbidden
