// expect 0.0: 43
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { var s = 0u; for (var i = 0u; i < 6; i++) { switch i { case 1, 3: { continue; } case 4: { break; } default: { s += 1; } } s += 10; } out[0] = s; }
