fn f() { var a: f32; a = 1u; }
// error 1:26 the assigned value is u32, want f32
