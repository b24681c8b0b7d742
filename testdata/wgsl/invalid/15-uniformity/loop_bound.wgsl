@group(0) @binding(0) var<storage, read_write> n: u32;
@compute @workgroup_size(4) fn main() {
  for (var i = 0u; i < n; i++) { workgroupBarrier(); }
}
// error 3:34 workgroupBarrier must be in uniform control flow, but it depends on the variable n in address space storage (3:24), which differs between invocations
