struct S { a: u32, a: f32 }
// error 1:20 member "a" is declared twice in S
