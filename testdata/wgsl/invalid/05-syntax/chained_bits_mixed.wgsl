fn f(a: u32, b: u32) -> u32 { return a & b ^ a; }
// error 1:44 mixing "^" with another operator needs parentheses
