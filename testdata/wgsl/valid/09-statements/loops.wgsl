// expect 0.0: 10 12 45 3 55 7
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() {
  var i = 0u;
  while (i < 10) { i++; }
  out[0] = i;
  var s = 0u;
  for (var k = 0u; k < 8; k += 1) { if (k % 2 == 1) { continue; } s += k; }
  out[1] = s;
  s = 0; i = 0;
  loop { if i >= 10 { break; } s += i; continuing { i += 1; } }
  out[2] = s;
  i = 0;
  loop { i++; continuing { break if i == 3; } }
  out[3] = i;
  s = 0; i = 0;
  loop { i++; let d = i; if d == 20 { continue; } s += d; continuing { let e = i; break if e == 10; } }
  out[4] = s;
  i = 7;
  for (;;) { break; }
  out[5] = i;
}
