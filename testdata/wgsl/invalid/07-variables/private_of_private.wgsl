var<private> a: u32 = 1; var<private> b: u32 = a;
// error 1:48 variable "a" cannot be used outside a function
