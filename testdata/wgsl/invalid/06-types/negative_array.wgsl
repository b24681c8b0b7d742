var<private> a: array<u32, 2 - 3>;
// error 1:30 the length of an array is at least 1, not -1
