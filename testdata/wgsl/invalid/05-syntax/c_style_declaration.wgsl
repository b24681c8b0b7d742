fn f() { u32 a = 1; }
// error 1:14 expected an assignment, "++" or "--", found identifier "a"
