const a = true && (1 / 0 == 1);
// error 1:22 integer division by zero
