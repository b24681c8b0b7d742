fn f(a: f32) -> f32 { return smoothstep(1.0, 1.0, a); }
// error 1:30 smoothstep from 1 to 1: the bounds are equal
