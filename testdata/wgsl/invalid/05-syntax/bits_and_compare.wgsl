fn f(a: u32) -> bool { return a & 1 == 1; }
// error 1:37 mixing "&" with "==" needs parentheses
