fn f() { var a = 1; var p = &a; }
// error 1:25 type ptr<function, i32> cannot be stored in address space function: it must be constructible
