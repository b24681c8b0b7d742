// override: n=6
// expect 0.0: 13 1 13 0x3e800000 24
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override n: u32 = 2; override m = n * 2 + 1; override big = m > 10; override s = select(1u, m, big); override f: f32 = 0.5; override g = f * f;
@compute @workgroup_size(1)
fn main() { out[0] = m; out[1] = u32(big); out[2] = s; out[3] = bitcast<u32>(g); out[4] = n << 2u; }
