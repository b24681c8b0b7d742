// expect 0.0: 1.0 0.1 -7 3.5 10 2.0 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const one = 1;
const big = 1000000000000 / 1000000000000;
const tenth = 1 / 10.0;
const v = vec3(1, 2, 3.5);
const arr = array(1, 2.0);
const pick = select(1, 3, true);
@compute @workgroup_size(1) fn main() {
  let f: f32 = big; out[0] = bitcast<u32>(f);
  let t = tenth; out[1] = bitcast<u32>(t);
  out[2] = bitcast<u32>(-7);
  out[3] = bitcast<u32>(v.z);
  let i: i32 = 10; out[4] = bitcast<u32>(i * one);
  out[5] = bitcast<u32>(arr[1]);
  let p: u32 = pick; out[6] = p;
}
