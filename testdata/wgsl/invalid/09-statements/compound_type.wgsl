fn f() { var a = 1.0; a *= vec2f(); }
// error 1:25 f32 *= vec2<f32> gives vec2<f32>, which cannot be stored in f32
