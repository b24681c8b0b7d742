// override: x=4
// override: 9=2
// expect 0.0: 11 3 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override x: u32; @id(9) override y: u32 = 1;
@compute @workgroup_size(x, y + 1, 1) fn main(@builtin(local_invocation_index) i: u32, @builtin(local_invocation_id) l: vec3u) { if i == x * 3 - 1 { out[0] = i; out[1] = l.x; out[2] = l.y; } }
