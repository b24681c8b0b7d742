struct S {}
// error 1:1 structure "S" has no members
