@group(0) @binding(0) var<storage, read_write> a: array<u32>; fn f() { a = a; }
// error 1:72 a value of type array<u32> cannot be stored as a whole
