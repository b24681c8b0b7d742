override a: u32; const b = a + 1;
// error 1:30 the value of a const must be a constant expression
