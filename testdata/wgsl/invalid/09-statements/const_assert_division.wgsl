const_assert 1 / 0 == 0;
// error 1:16 integer division by zero
