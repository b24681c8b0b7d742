var<private> a: array<u32, 2;
// error 1:22 expected ";" after the declaration, found "<"
