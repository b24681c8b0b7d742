// in 0.1: 0 1 2 3
// expect 0.0: 10 21 230 141
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  for (var i = 0; i < 4; i++) {
    let x = inp[i]; var r = 0u;
    if x == 0 { r = 10; } else if x == 1 { r = 20; } else if x == 2 { r = 30; } else { r = 40; }
    if (x & 1) == 1 { r += 1; }
    if x > 1 { if x > 2 { r += 100; } else { r += 200; } }
    out[i] = r;
  }
}
