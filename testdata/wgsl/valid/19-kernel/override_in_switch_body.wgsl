// override: n=3
// expect 0.0: 1 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override n: u32 = 1;
@compute @workgroup_size(1)
fn main() { switch n { case 3 { out[0] = 1; } default { out[0] = 2; } } if n == 3 { out[1] = 5; } else { out[1] = 6; } }
