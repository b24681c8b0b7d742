var<workgroup> a: array<u32>;
// error 1:19 type array<u32> cannot be stored in address space workgroup: it must have a fixed size
