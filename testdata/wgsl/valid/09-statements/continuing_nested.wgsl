// expect 0.0: 44 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var n = 0u; var i = 0u;
  loop { loop { n += 1; if n % 3 == 0 { break; } continuing { n += 10; break if n > 40; } } continuing { i += 1; var k = 0; loop { k++; if k > 2 { break; } } n += u32(k); break if i == 3; } }
  out[0] = n; out[1] = i;
}
