// expect 0.0: 5 12 9 12
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var i = 0u; loop { if i >= 5 { break; } i++; } out[0] = i;
  var j = 0u; loop { j += 2; continuing { j += 1; break if j > 10; } } out[1] = j;
  var k = 0u; while k < 7 { k += 3; } out[2] = k;
  var l = 0u; for (; l < 9; ) { l += 4; } out[3] = l;
}
