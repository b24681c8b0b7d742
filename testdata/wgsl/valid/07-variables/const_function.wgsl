// expect 0.0: 2 5 25 0x3f800000
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { const a = 5; const b = a * a; var x: array<u32, a>; x[4] = b; { const a = 2u; out[0] = a; } out[1] = a; out[2] = x[4]; const c: f32 = 1; out[3] = bitcast<u32>(c); }
