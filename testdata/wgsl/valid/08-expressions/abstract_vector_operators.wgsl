// expect 0.0: 7 7 32 1 8
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const a = vec3(1, 2, 3) * 2 + 1; const b = vec2(1.5, 2) / 0.5; const c = vec2(7, 8) % vec2(4, 3); const d = -vec2(1, 2) < vec2(0, -3); const e = (vec2(12, 10) & vec2(6)) | vec2(1);
@compute @workgroup_size(1)
fn main() { out[0] = u32(a.z); out[1] = u32(b.x + b.y); out[2] = u32(c.x * 10 + c.y); out[3] = u32(d.x) + 2 * u32(d.y); out[4] = u32(e.x + e.y); }
