// in 0.1: 1.0 nan -0.0 0.0
// in 0.2: -1 1
// expect 0.0: 1 0 1 1 0 1 0 1 1 0 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> f: array<f32>;
@group(0) @binding(2) var<storage, read> i: array<i32>;
@compute @workgroup_size(1) fn main() {
  out[0] = u32(f[0] == f[0]); out[1] = u32(f[1] == f[1]); out[2] = u32(f[1] != f[1]); out[3] = u32(f[2] == f[3]);
  out[4] = u32(f[1] < f[0]); out[5] = u32(i[0] < i[1]); out[6] = u32(u32(i[0]) < u32(i[1])); out[7] = u32(f[0] >= 1);
  out[8] = u32(all(vec2i(i[0], i[1]) == vec2i(-1, 1))); out[9] = u32(any(vec2f(f[0], f[1]) > vec2f(1))); out[10] = u32(true != false);
}
