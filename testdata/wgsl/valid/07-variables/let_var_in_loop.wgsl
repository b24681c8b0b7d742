// expect 0.0: 0 0 0 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() {
  var total = 0u;
  for (var i = 0u; i < 3; i++) {
    var fresh: u32;
    var arr: array<u32, 20>;
    out[i] = fresh + arr[i];
    fresh = 5; arr[i] = 5; arr[i + 1] = 5;
    total += 2;
  }
  out[3] = total;
}
