// expect 0.0: 1048576 0xffffffff 0x3f800000 0x3eaaaaab 0xfffffffc 0x40200000 0x80000000 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const big = 1099511627776; const third = 1.0 / 3.0;
@compute @workgroup_size(1)
fn main() {
  let a = big / 1048576; out[0] = u32(a); let b: u32 = 4294967295; out[1] = b; let c: f32 = 1; out[2] = bitcast<u32>(c); let d: f32 = third; out[3] = bitcast<u32>(d);
  var e = 3; e = -4; out[4] = bitcast<u32>(e); let f = 2.5; out[5] = bitcast<u32>(f); out[6] = 1 << 31u; out[7] = u32(big - 1099511627770);
}
