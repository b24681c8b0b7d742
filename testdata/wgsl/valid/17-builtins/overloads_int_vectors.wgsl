// in 0.1: -7 3 12 0
// expect 0.0: 7 12 -7 5 -1 -159 2 30 2 -1
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
@compute @workgroup_size(1)
fn main() { let v = vec4i(inp[0], inp[1], inp[2], inp[3]); let w = v.zyxw; out[0] = abs(v).x; out[1] = max(v, w).x; out[2] = min(v.xyz, w.xyz).z; out[3] = clamp(v, vec4i(-2), vec4i(5)).z; out[4] = sign(v).x; out[5] = dot(v, w); out[6] = countOneBits(v).y; out[7] = countLeadingZeros(v.xy).y; out[8] = firstTrailingBit(v).z; out[9] = firstLeadingBit(v).w; }
