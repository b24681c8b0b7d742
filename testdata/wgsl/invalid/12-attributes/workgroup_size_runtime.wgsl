var<private> n: u32; @compute @workgroup_size(n) fn main() {}
// error 1:47 variable "n" cannot be used outside a function
