#define A 1
const a = A;
// error 1:1 unexpected character '#'
