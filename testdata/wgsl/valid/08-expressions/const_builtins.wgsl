// expect 0.0: 5 5 4 0xffffffff 8 32 5 4 2 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const a = min(3, 5) + max(1u, 2u); const b = clamp(7, 1, 5); const c = abs(-4); const d = sign(-2.5); const e = countOneBits(255u); const f = dot(vec3(1, 2, 3), vec3(4, 5, 6)); const g = floor(2.7) + ceil(2.1) + round(2.5) + trunc(-2.7); const h = sqrt(16.0); const k = select(1, 2, true); const l = all(vec2(true, false));
@compute @workgroup_size(1)
fn main() { out[0] = a; out[1] = b; out[2] = c; out[3] = bitcast<u32>(i32(d)); out[4] = e; out[5] = f; out[6] = u32(g); out[7] = u32(h); out[8] = k; out[9] = u32(l); }
