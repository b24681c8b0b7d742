// in 0.1: -1 0 7 9
// expect 0.0: 2 3 1 2
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const seven = 7; const nine: i32 = seven + 2;
@compute @workgroup_size(1)
fn main() { for (var i = 0; i < 4; i++) { switch inp[i] { case seven: { out[i] = 1; } case nine, -1: { out[i] = 2; } case 0x0 { out[i] = 3; } default { out[i] = 4; } } } }
