// expect 0.0: 1 0x40400000 2 1 2 0x40000000
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var a = vec2(1, 2); var b = vec3(1.0, 2, 3); var c = vec2(1u, 2); var d = vec4(true); var e = vec3(vec2(1, 2), 3u); let f = vec2(vec2f(1, 2));
  a.x = -1; out[0] = u32(a.x == -1); out[1] = bitcast<u32>(b.z); out[2] = c.y; out[3] = u32(d.w); out[4] = e.y; out[5] = bitcast<u32>(f.y);
}
