// in 0.1: 2 0 0 0
// in 0.2: 0 1 2
// expect 0.0: 5 5
@group(0) @binding(1) var<uniform> u: vec4u; @group(0) @binding(2) var<storage, read> r: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override o: u32 = 1; const c = 3;
@compute @workgroup_size(2) fn main(@builtin(local_invocation_index) i: u32) {
  if u.x > 1 { workgroupBarrier(); } if r[u.x] == 2 { workgroupBarrier(); } if o + c > 1 { workgroupBarrier(); } if arrayLength(&r) > 2 { workgroupBarrier(); } out[i] = 5;
}
