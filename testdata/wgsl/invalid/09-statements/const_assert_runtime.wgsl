fn f(a: u32) { const_assert a == 1; }
// error 1:31 the condition of const_assert must be a constant expression
