// in 0.1: 1
// expect 0.0: 404
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { var n = 0u; switch inp[0] { case 1 { for (var i = 0u; i < 5; i++) { switch i { case 2 { continue; } case 4 { break; } default { n += i; } } n += 100; } break; } default {} } out[0] = n; }
