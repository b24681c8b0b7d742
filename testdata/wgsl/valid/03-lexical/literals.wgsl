// expect 0.0: 0 255 4294967295 -5 0x3f800000 1.5 0.25 1024.0 0x7fffffff 0.00001 3 16.0 1.0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() {
  out[0] = 0; out[1] = 0xFFu; out[2] = 4294967295u; out[3] = bitcast<u32>(-5i);
  out[4] = bitcast<u32>(1f); out[5] = bitcast<u32>(1.5); out[6] = bitcast<u32>(0x1p-2f);
  out[7] = bitcast<u32>(1.024e3); out[8] = 0x7fffffff; out[9] = bitcast<u32>(1e-5f);
  out[10] = 0X3; out[11] = bitcast<u32>(0x1.0p4); out[12] = bitcast<u32>(.1e1);
}
