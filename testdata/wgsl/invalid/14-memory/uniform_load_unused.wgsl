var<workgroup> a: u32; fn f() { workgroupUniformLoad(&a); }
// error 1:33 the value of function "workgroupUniformLoad" must be used
