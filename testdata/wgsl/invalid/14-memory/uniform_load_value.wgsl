var<workgroup> a: u32; fn f() { _ = workgroupUniformLoad(a); }
// error 1:37 builtin function "workgroupUniformLoad" cannot take (u32); it wants a pointer to workgroup memory that can be loaded
