fn f(v: vec2f) { let a = v.z; }
// error 1:28 vec2<f32> has no component 'z'
