var<workgroup, read_write> a: u32;
// error 1:16 a variable in address space workgroup takes no access mode
