// expect 0.0: 0xff8000ff 188 240 0x80000000 0xffffffff 3 0x3fc00000 6 1 6 1 31
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const a = pack4x8unorm(vec4(1, 0, 0.5, 1)); const b = extractBits(0xabcdu, 4, 8); const c = insertBits(0, 15, 4, 4); const d = reverseBits(1u); const e = firstLeadingBit(-1); const f = unpack4xU8(0x04030201).z; const g = bitcast<u32>(1.5f); const h = dot(vec3u(1, 2, 3), vec3u(1)); const i = cross(vec3(1, 0, 0), vec3(0, 1, 0)).z; const j = ldexp(0.75, 3); const k = step(1, 2); const l = countLeadingZeros(1u);
@compute @workgroup_size(1)
fn main() { out[0] = a; out[1] = b; out[2] = u32(c); out[3] = d; out[4] = u32(e); out[5] = f; out[6] = g; out[7] = h; out[8] = u32(i); out[9] = u32(j); out[10] = u32(k); out[11] = l; }
