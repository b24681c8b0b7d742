// in 0.1: 0 5 9 3
// expect 0.0: 1 2 3 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) {
  switch (x[i]) {
    case 5u: { out[i] = 2; }
    case 3, default: { out[i] = 1; }
    case 9: { out[i] = 3; }
  }
  switch 1 { default: {} }
}
