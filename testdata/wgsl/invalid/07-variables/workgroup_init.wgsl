var<workgroup> a: u32 = 1;
// error 1:25 a variable in address space workgroup cannot have a value
