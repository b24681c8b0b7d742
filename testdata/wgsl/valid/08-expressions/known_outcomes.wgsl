// in 0.1: 1 2 -1 0
// expect 0.0: 0 1 11 11 5 0 1 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@compute @workgroup_size(1) fn main() {
  let a = x[0]; let b = x[1]; let c = bitcast<i32>(x[2]);
  if (a < b) { out[0] = u32(b <= a); out[1] = u32(b > a); } else { out[0] = 9; }
  if (b < a) { out[2] = 9; } else { out[2] = 10 + u32(a <= b); }
  if (c < 0 && a <= b) { out[3] = u32(0 <= c) + 11 * u32(b >= a); }
  var one: array<u32, 1>;
  one[0] = 4;
  one[x[3]] = 5;
  out[4] = one[0];
  if (a == b) { out[5] = 9; } else { out[5] = u32(b == a); out[6] = u32(a != b); }
  while (true) { if (a >= b) { continue; } out[7] = select(9u, 3u, a < b); break; }
}
