fn f(a: bool) -> bool { return a || a && a; }
// error 1:39 mixing "&&" and "||" needs parentheses
