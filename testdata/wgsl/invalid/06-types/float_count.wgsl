var<private> a: array<u32, 2.0>;
// error 1:28 the length of an array is an integer, not abstract-float
