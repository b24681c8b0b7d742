const a = true && false || true;
// error 1:25 mixing "&&" and "||" needs parentheses
