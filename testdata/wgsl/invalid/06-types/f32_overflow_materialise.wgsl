const a: f32 = 1e39;
// error 1:16 value 1e+39 cannot be represented as f32
