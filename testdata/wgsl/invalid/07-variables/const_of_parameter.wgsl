fn f(a: u32) { const b = a; }
// error 1:26 the value of a const must be a constant expression
