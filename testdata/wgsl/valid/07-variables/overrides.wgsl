// expect 0.0: 5 2.5 1 12 6
// override: n=5
// override: 7=2.5
// override: flag=1
@id(7) override scale: f32;
override n: u32 = 3;
override flag: bool = false;
override twice = n * 2 + 2;
override w = n + 1u;
var<workgroup> shared_: array<u32, w>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(w) fn main(@builtin(local_invocation_index) i: u32) {
  shared_[i] = 1;
  workgroupBarrier();
  if (i == 0) {
    out[0] = n; out[1] = bitcast<u32>(scale); out[2] = u32(flag); out[3] = twice;
    var s = 0u;
    for (var k = 0u; k < w; k++) { s += shared_[k]; }
    out[4] = s;
  }
}
