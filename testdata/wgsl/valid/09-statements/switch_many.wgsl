// in 0.1: 3 19 20 0
// expect 0.0: 6 38 99 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) {
  switch x[i] {
    case 0 { out[i] = 0; } case 1 { out[i] = 2; } case 2 { out[i] = 4; } case 3 { out[i] = 6; } case 4 { out[i] = 8; }
    case 5 { out[i] = 10; } case 6 { out[i] = 12; } case 7 { out[i] = 14; } case 8 { out[i] = 16; } case 9 { out[i] = 18; }
    case 10 { out[i] = 20; } case 11 { out[i] = 22; } case 12 { out[i] = 24; } case 13 { out[i] = 26; } case 14 { out[i] = 28; }
    case 15 { out[i] = 30; } case 16 { out[i] = 32; } case 17 { out[i] = 34; } case 18 { out[i] = 36; } case 19 { out[i] = 38; }
    default { out[i] = 99; }
  }
}
