// expect 0.0: 0.0 1.0 0.5 1000.0 0.001 250.0 7.0 0.0 0.1 0x7f7fffff 0x800000 0.5 10.0 0.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = 0.0; out[1] = 1.; out[2] = .5; out[3] = 1e3; out[4] = 1E-3; out[5] = 2.5e+2f; out[6] = 7f; out[7] = 0f;
  out[8] = 0.1; out[9] = 3.4028234e38; out[10] = 1.17549435e-38; out[11] = 00.5; out[12] = 01e1; out[13] = 0e0;
}
