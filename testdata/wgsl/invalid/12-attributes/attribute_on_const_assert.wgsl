@compute const_assert true;
// error 1:1 attribute @compute is not allowed before "const_assert"
