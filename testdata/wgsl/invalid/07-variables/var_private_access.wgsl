var<private, read> a: u32;
// error 1:14 a variable in address space private takes no access mode
