@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) g: vec3u) {
  if (g.x > 10) { return; }
  workgroupBarrier();
}
// error 3:3 workgroupBarrier must be in uniform control flow, but it depends on global_invocation_id (1:68), which differs between invocations
