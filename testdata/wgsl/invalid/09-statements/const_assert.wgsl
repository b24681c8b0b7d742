const_assert 1 + 1 == 3;
// error 1:1 const_assert failed
