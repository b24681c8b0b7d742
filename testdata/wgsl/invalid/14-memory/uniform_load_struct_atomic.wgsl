struct S { a: atomic<u32> } var<workgroup> s: S; fn f() { _ = workgroupUniformLoad(&s); }
// error 1:63 builtin function "workgroupUniformLoad" cannot take (ptr<workgroup, S>); it wants a pointer to workgroup memory that can be loaded
