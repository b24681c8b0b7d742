// expect 0.0: 1.0 1.0 10.0 1.0 0.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
// What is exact on abstract floats works beyond the range of f32.
const a = sqrt(1e100) / 1e50; const b = floor(1e60) / 1e60; const c = abs(-1e60) / 1e59; const d = min(1e50, 1e60) / 1e50; const e = fract(4503599627370497.5);
@compute @workgroup_size(1)
fn main() { out[0] = a; out[1] = b; out[2] = c; out[3] = d; out[4] = e; }
