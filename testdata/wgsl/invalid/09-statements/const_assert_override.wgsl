override n = 3;
const_assert n == 3;
// error 2:16 the condition of const_assert must be a constant expression
