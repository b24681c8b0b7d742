// expect 0.0: 7
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() {
  loop { out[0] = 7; if (true) { break; } let v = vec2<bool>(out[0] == 7, false); continuing { let w = v; break if w.y; } }
}
