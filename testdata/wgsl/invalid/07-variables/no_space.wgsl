var a: u32;
// error 1:5 a variable at module scope needs an address space: private, workgroup, uniform or storage
