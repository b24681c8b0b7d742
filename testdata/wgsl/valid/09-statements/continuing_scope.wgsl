// expect 0.0: 3 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() {
  var n = 0u; var sum = 0u;
  loop {
    let next = n + 1;
    sum += next;
    continuing { n = next; let done = n >= 3; break if done; }
  }
  out[0] = n; out[1] = sum;
}
