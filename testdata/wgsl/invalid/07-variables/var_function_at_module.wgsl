var<function> a: u32;
// error 1:5 a variable at module scope cannot be in address space function
