// in 0.1: 1 2
// expect 0.0: 11 12 100 122
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { for (var i = 0; i < 2; i++) { for (var j = 0; j < 2; j++) { switch inp[i] { case 1 { switch inp[j] { case 1 { out[i * 2 + j] = 11; break; } default { out[i * 2 + j] = 12; } } } default { switch inp[j] { case 2 { out[i * 2 + j] = 22; } default { break; } } out[i * 2 + j] += 100; } } } } }
