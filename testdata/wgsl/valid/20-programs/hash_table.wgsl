// in 0.1: 17 5 17 9 5 5 33 1
// expect 0.0: 5 3 0 0 0 0 33 1 17 2 9 1 1 1 0 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const size = 8u; var<workgroup> keys: array<u32, size>; var<workgroup> counts: array<u32, size>;
fn slot(key: u32) -> u32 { var h = (key * 2654435761u) >> 29u; for (var n = 0u; n < size; n++) { let s = (h + n) % size; if keys[s] == 0 || keys[s] == key { return s; } } return size; }
@compute @workgroup_size(1)
fn main() { for (var i = 0; i < 8; i++) { let s = slot(inp[i]); keys[s] = inp[i]; counts[s]++; } for (var i = 0u; i < size; i++) { out[i * 2] = keys[i]; out[i * 2 + 1] = counts[i]; } }
