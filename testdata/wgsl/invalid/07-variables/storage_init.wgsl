@group(0) @binding(0) var<storage, read_write> a: u32 = 1;
// error 1:57 a variable in address space storage cannot have a value
