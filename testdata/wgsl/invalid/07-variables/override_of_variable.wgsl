var<private> a: u32; override b = a;
// error 1:35 variable "a" cannot be used outside a function
