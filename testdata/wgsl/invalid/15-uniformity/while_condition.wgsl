@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) g: vec3u) { var k = 0u; while k < g.x { workgroupBarrier(); k++; } }
// error 1:108 workgroupBarrier must be in uniform control flow, but it depends on global_invocation_id (1:68), which differs between invocations
