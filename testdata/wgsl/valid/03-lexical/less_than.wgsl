// expect 0.0: 1 0 1 12 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn pair(x: bool, y: bool) -> u32 { return select(0u, 1u, x) + select(0u, 2u, y); }
@compute @workgroup_size(1) fn main() {
  let a = 1; let b = 2; let c = 3;
  out[0] = u32(a < b && c > b);
  out[1] = u32(a<(b>>1u));
  let v = vec2<i32>(4, 5);
  out[2] = u32(v.x<v.y);
  let arr = array<array<u32, 2>, 2>(array<u32, 2>(1, 2), array<u32, 2>(3, 12));
  out[3] = arr[1][1];
  out[4] = pair((a < b), c > 4 && b < c) ;
}
