fn f(a: bool, b: bool) -> bool { return a & b && a; }
// error 1:47 mixing "&" with "&&" needs parentheses
