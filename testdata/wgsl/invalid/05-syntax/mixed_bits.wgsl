const a = 1 + 2 & 3;
// error 1:17 an operator left of "&" needs parentheses
