const a = b + 1;
const b = a;
// error 2:11 "a" depends on itself
