fn put(p: ptr<function, u32>, v: u32) { *p = v; }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) l: u32) {
  var x = 0u;
  put(&x, l);
  if (x == 0) { workgroupBarrier(); }
}
// error 5:17 workgroupBarrier must be in uniform control flow, but it depends on local_invocation_index (2:70), which differs between invocations
