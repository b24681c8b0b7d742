fn f(a: u32) -> u32 { return a + 1 << 2u; }
// error 1:36 an operator left of "<<" needs parentheses
