var<private> a: array<u32, true>;
// error 1:28 the length of an array is an integer, not bool
