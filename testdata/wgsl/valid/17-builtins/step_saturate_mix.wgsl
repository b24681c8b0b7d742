// in 0.1: 0.25 2.0 -1.0
// expect 0.0: 1.0 0.0 1.0 0.25 1.0 0.0 1.5 2.5 2.0 0.15625 0.5 1.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = step(inp[0], inp[1]); out[1] = step(inp[1], inp[0]); out[2] = step(vec2f(1), vec2f(inp[0], inp[1])).y; out[3] = saturate(inp[0]); out[4] = saturate(inp[1]); out[5] = saturate(vec3f(inp[2])).z; out[6] = mix(1.0, 3.0, inp[0]); out[7] = mix(vec2f(1, 2), vec2f(3, 4), inp[0]).y; out[8] = mix(vec2f(1), vec2f(5), vec2f(0.5, inp[0])).y;
  out[9] = smoothstep(0.0, 1.0, inp[0]); out[10] = smoothstep(vec2f(0), vec2f(4), vec2f(inp[1])).x; out[11] = step(inp[0], inp[0]);
}
