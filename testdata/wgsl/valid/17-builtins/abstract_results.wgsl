// expect 0.0: 2 0x40200000 3 0x40000000 0x40a00000 0x3f800000 0x40000000 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const a: u32 = max(1, 2); const b: f32 = max(1, 2.5); const c: i32 = clamp(5, 0, 3); const d: f32 = sqrt(4); const e: f32 = length(vec2(3, 4)); const f: vec2f = normalize(vec2(0, 2)); const g: f32 = mix(1, 3, 0.5); const h: u32 = sign(7);
@compute @workgroup_size(1)
fn main() { out[0] = a; out[1] = bitcast<u32>(b); out[2] = u32(c); out[3] = bitcast<u32>(d); out[4] = bitcast<u32>(e); out[5] = bitcast<u32>(f.y); out[6] = bitcast<u32>(g); out[7] = h; }
