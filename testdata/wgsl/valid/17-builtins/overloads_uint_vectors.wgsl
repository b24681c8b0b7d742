// in 0.1: 7 3 12 0
// expect 0.0: 7 12 7 5 177 2 2 0xffffffff 2 0xc0000000
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { let v = vec4u(inp[0], inp[1], inp[2], inp[3]); let w = v.zyxw; out[0] = abs(v).x; out[1] = max(v, w).x; out[2] = min(v.xyz, w.xyz).z; out[3] = clamp(v, vec4u(2), vec4u(5)).z; out[4] = dot(v, w); out[5] = countOneBits(v).y; out[6] = countTrailingZeros(v.xyz).z; out[7] = firstTrailingBit(v).w; out[8] = firstLeadingBit(v).x; out[9] = reverseBits(v.xy).y; }
