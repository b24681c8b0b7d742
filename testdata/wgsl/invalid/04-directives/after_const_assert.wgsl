const_assert true;
requires pointer_composite_access;
// error 2:1 directive "requires" stands after a declaration
