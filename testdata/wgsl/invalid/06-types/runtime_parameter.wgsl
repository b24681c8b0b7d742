fn f(a: array<u32>) {}
// error 1:9 a parameter cannot be of type array<u32>
