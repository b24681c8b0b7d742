fn f(a: u32) -> u32 { return a | 1 + 2; }
// error 1:36 mixing "|" with "+" needs parentheses
