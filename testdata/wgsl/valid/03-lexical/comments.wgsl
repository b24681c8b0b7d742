// expect 0.0: 1 2
/* block /* nested */ still // not a line
*/
@group(0) @binding(0) var<storage, read_write> out: array<u32>; // trailing
@compute @workgroup_size(1) fn main() { out[0] /* in */ = 1u; // x
  out[1] = 2; /**/ }
