// expect 0.0: 1 0 1 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> flags: array<bool, 4>;
var<private> one: bool = true;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) {
  flags[i] = i % 2 == 0;
  workgroupBarrier();
  var f: array<bool, 20>;
  f[i] = flags[3 - i];
  out[0] = u32(flags[0]); out[1] = u32(flags[1]); out[2] = u32(flags[2]);
  if (i == 1) { out[3] = u32(f[1] && one); }
}
