override a = 1; const_assert a == 1;
// error 1:32 the condition of const_assert must be a constant expression
