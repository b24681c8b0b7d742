// in 0.1: 0 1 0 0 0 1 1 1 1 0 0 0 0 0 0 0
// expect 0.0: 1 1 0 0 0 1 1 1 1 1 1 1 0 0 0 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const w = 4u;
fn cell(x: u32, y: u32) -> u32 { return inp[(y % w) * w + x % w]; }
@compute @workgroup_size(w, w) fn main(@builtin(local_invocation_id) l: vec3u) {
  var n = 0u; for (var dy = 0u; dy < 3; dy++) { for (var dx = 0u; dx < 3; dx++) { if dx == 1 && dy == 1 { continue; } n += cell(l.x + dx + w - 1, l.y + dy + w - 1); } }
  out[l.y * w + l.x] = u32(n == 3 || (n == 2 && cell(l.x, l.y) == 1));
}
