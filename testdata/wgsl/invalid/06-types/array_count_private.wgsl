var<private> n: u32 = 2; var<private> a: array<u32, n>;
// error 1:53 variable "n" cannot be used outside a function
