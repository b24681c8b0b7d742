@group(0) @binding(0) var<uniform> a: array<f32, 4>;
// error 1:39 array<f32> in a uniform buffer has a stride of 4 bytes, want a multiple of 16
