const a = vec2f(true, 1);
// error 1:17 this component is bool, want f32
