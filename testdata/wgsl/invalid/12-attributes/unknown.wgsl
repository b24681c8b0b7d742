@fast fn f() { }
// error 1:1 unknown attribute @fast
