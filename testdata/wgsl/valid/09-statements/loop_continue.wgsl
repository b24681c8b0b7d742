// expect 0.0: 18 25 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var s = 0u; for (var i = 0u; i < 10; i++) { if i % 3 != 0 { continue; } s += i; } out[0] = s;
  var t = 0u; var i = 0u; while i < 10 { i++; if i % 2 == 0 { continue; } t += i; } out[1] = t;
  var u = 0u; var k = 0u; loop { if k == 4 { break; } if k == 2 { continue; } u += 1; continuing { k += 1; } } out[2] = u;
}
