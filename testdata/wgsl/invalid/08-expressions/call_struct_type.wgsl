struct S { a: u32, b: f32 } const s = S(1, true);
// error 1:44 member b is bool, want f32
