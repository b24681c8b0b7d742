// expect 0.0: 23 9 4 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn find(n: u32) -> u32 {
  for (var i = 0u; i < 10; i++) {
    for (var j = 0u; j < 10; j++) {
      if (i * j == n) { return i * 10 + j; }
      if (j > i + 3) { break; }
    }
  }
  return 999;
}
@compute @workgroup_size(1) fn main() {
  out[0] = find(6);
  var n = 0u;
  for (var i = 0; i < 3; i++) { for (var j = 0; j < 3; j++) { n++; } }
  out[1] = n;
  n = 0;
  for (var i = 0; i < 4; i++) { var j = 0; loop { if j == i { continue; } if j > 2 { break; } n += 1; if n > 3 { break; } continuing { j++; } } if n >= 4 { break; } }
  out[2] = n;
  n = 0;
  for (var i = 0u; i < 6; i++) { switch i { case 2 { continue; } case 4 { break; } default { n += 2; } } if i == 4 { break; } }
  out[3] = n;
}
