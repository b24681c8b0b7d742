// expect 0.0: 0 0 0 43981 0xffffffff 0xffffffff 0x7fffffff 0xffffffff 0x7fffffff 16 0x499602d2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = 0; out[1] = 0u; out[2] = 0x0u; out[3] = 0XaBcDu; out[4] = 4294967295u; out[5] = 4294967295; out[6] = u32(2147483647i);
  out[7] = 0xffffffffu; out[8] = 0x7fffffff; out[9] = u32(0x10i); out[10] = 1234567890;
}
