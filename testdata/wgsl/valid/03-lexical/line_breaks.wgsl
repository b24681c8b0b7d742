// expect 0.0: 8 9 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// A comment to the end of the line ends at any line break: vertical tab, form feed, next line.
@compute @workgroup_size(1)
fn main() {
  out[0] = 1; // v  out[0] = 8;
  out[1] = 2; // n  out[1] = 9;
  out[2] = 3; // l   out[2] = 4;
}
