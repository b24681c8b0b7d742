// expect 0.0: 1 1 0 3 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> calls = 0u;
fn touch(r: bool) -> bool { calls++; return r; }
@compute @workgroup_size(1) fn main() {
  var t = true; var f = false;
  out[0] = u32(t || touch(false));
  out[1] = u32(t && touch(true));
  out[2] = u32(f && touch(true));
  if (f || (touch(true) && t)) { calls++; }
  out[3] = calls;
  out[4] = select(1u, 2u, (false && (1 / 0 == 0)) || true);
}
