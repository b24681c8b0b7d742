var<private> a: array<u32, 0>;
// error 1:28 the length of an array is at least 1, not 0
