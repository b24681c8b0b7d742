fn f() { var<workgroup> a: u32; }
// error 1:14 a variable in a function is in address space function, not workgroup
