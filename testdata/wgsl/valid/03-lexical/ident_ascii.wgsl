// expect 0.0: 1 2 3 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let _a = 1u; let A_ = 2u; let a1b2 = 3u; let x_y_z = 4u; let _1 = 0u;
  out[0] = _a + _1; out[1] = A_; out[2] = a1b2; out[3] = x_y_z;
}
