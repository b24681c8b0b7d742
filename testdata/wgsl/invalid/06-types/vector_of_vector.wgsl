var<private> m: vec2<vec2f>;
// error 1:17 a vector's component is a scalar, not vec2<f32>
