struct I { @builtin(local_invocation_index) i: u32, @builtin(workgroup_id) w: vec3u } @compute @workgroup_size(4) fn main(in: I) { if in.i == 0 { workgroupBarrier(); } }
// error 1:147 workgroupBarrier must be in uniform control flow, but it depends on local_invocation_index (1:123), which differs between invocations
