// in 0.1: 9 4 7 1 8 2 6 3
// expect 0.0: 1 2 3 4 6 7 8 9
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var a: array<u32, 8>; for (var i = 0; i < 8; i++) { a[i] = inp[i]; }
  var stack: array<vec2i, 16>; var top = 0; stack[0] = vec2i(0, 7); top = 1;
  while top > 0 { top--; let lo = stack[top].x; let hi = stack[top].y; if lo >= hi { continue; } let pivot = a[hi]; var i = lo; for (var j = lo; j < hi; j++) { if a[j] < pivot { let t = a[i]; a[i] = a[j]; a[j] = t; i++; } } let t = a[i]; a[i] = a[hi]; a[hi] = t; stack[top] = vec2i(lo, i - 1); stack[top + 1] = vec2i(i + 1, hi); top += 2; }
  for (var i = 0; i < 8; i++) { out[i] = a[i]; }
}
