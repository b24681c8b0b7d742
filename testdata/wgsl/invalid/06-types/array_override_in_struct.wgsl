override n: u32; struct S { a: array<u32, n> } var<workgroup> a: S;
// error 1:32 member "a" cannot be an array whose length is an override
