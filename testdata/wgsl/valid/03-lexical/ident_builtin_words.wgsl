// expect 0.0: 1 2 3 4 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// The names of attributes, address spaces and access modes are not keywords.
@compute @workgroup_size(1)
fn main() {
  let compute = 1u; let storage = 2u; let read = 3u; let align = 4u; let workgroup = 5u;
  out[0] = compute; out[1] = storage; out[2] = read; out[3] = align; out[4] = workgroup;
}
