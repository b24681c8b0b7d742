fn a(x: u32) -> u32 { if x > 1 { return b(x - 1); } return 1; } fn b(x: u32) -> u32 { return a(x); }
// error 1:94 function "b" calls "a" again: recursion is forbidden
