// in 0.1: 0.0 -0.0 1.0 -1.0 inf nan
// expect 0.0: 0.0 3.1415927 -0.0 -3.1415927 0.7853982 2.3561945 -0.7853982 1.5707964 0.7853982 nan 0.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@compute @workgroup_size(1) fn main() {
  out[0] = atan2(x[0], x[2]); out[1] = atan2(x[0], x[3]); out[2] = atan2(x[1], x[2]); out[3] = atan2(x[1], x[1]); out[4] = atan2(x[2], x[2]);
  out[5] = atan2(x[2], x[3]); out[6] = atan2(x[3], x[2]); out[7] = atan2(x[2], x[0]); out[8] = atan2(x[4], x[4]); out[9] = atan2(x[5], x[2]); out[10] = atan2(x[2], x[4]);
}
