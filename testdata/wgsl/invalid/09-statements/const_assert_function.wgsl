fn f() { const a = 1; const_assert a > 1; }
// error 1:23 const_assert failed
