// expect 0.0: 1.0 3.0 0.5 5.25 16.0 0.0 0x7f7fffff 0x800000 1.0 0.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = 0x1p0; out[1] = 0x1.8p1; out[2] = 0x.8; out[3] = 0xA.8p-1f; out[4] = 0X1P+4; out[5] = 0x0p0; out[6] = 0x1.fffffep127;
  out[7] = 0x1p-126; out[8] = 0x1.; out[9] = 0x0.0p100;
}
