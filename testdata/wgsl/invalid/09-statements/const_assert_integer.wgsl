const_assert 1;
// error 1:14 const_assert wants a bool, found abstract-int
