fn f() { var a: array<ptr<function, u32>, 2>; }
// error 1:23 ptr<function, u32> cannot be the element of an array
