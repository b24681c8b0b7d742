// expect 0.0: 1 2 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { switch 3 { case 3u: { out[0] = 1; } default {} } switch 3u { case 3: { out[1] = 2; } default {} } switch -1 { case -1: { out[2] = 3; } default {} } }
