const a = (1 / 0 == 1) && false;
// error 1:14 integer division by zero
