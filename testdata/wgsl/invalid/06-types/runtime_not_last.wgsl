struct S { a: array<u32>, b: u32 }
// error 1:15 a runtime-sized array can only be the last member of a structure that is no member itself
