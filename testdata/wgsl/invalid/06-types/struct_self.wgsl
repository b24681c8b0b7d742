struct S { a: S }
// error 1:15 "S" depends on itself
