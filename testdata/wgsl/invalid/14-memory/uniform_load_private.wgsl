var<private> a: u32; fn f() { _ = workgroupUniformLoad(&a); }
// error 1:35 builtin function "workgroupUniformLoad" cannot take (ptr<private, u32>); it wants a pointer to workgroup memory that can be loaded
