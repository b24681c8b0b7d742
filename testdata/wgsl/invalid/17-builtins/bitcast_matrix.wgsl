fn f(a: mat2x2f) -> vec4f { return bitcast<vec4f>(a); }
// error 1:36 bitcast<vec4<f32>> cannot take mat2x2<f32>
