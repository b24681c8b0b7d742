// in 0.1: 1 2 3
// expect 0.0: 5 14 7
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  for (var i = 0; i < 3; i++) {
    switch inp[i] { case 1 { if i == 0 { out[i] = 5; break; } out[i] = 9; } case 2 { loop { out[i] += 1; if out[i] > 3 { break; } } out[i] += 10; break; } default { out[i] = 7; } }
  }
}
