// expect 0.0: 9 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// In a template list & | ^ and parenthesised comparisons are expressions.
@compute @workgroup_size(1)
fn main() { var a: array<u32, (5 & 3) | 2>; a[2] = 9; out[0] = a[2]; var b: array<u32, 1 ^ 3>; b[1] = 4; out[1] = b[1]; }
