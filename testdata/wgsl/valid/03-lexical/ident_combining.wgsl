// expect 0.0: 1 2 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// A combining mark or a digit of another script may continue a name; two spellings of one glyph are two names.
@compute @workgroup_size(1)
fn main() {
  let é = 1u; let é = 2u; let x٣ = 3u;
  out[0] = é; out[1] = é; out[2] = x٣;
}
