fn f() { var a = 1.0; a *= vec2(1.0, 2); }
// error 1:25 f32 *= vec2<abstract-float> gives vec2<f32>, which cannot be stored in f32
