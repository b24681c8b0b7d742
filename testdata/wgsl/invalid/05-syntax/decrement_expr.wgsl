fn f() { var x = 1; let y = --x; }
// error 1:29 "--" is not an operator inside an expression; write -(-x)
