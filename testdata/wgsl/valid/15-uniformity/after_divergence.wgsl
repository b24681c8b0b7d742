// expect 0.0: 10 16 9 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) {
  if i == 1 { out[1] = 5; } workgroupBarrier(); for (var k = 0u; k < i; k++) { out[i] += 1; } workgroupBarrier(); switch i { case 2 { out[2] = 9; } default {} } workgroupBarrier(); loop { if i >= 2 { break; } out[i] += 10; break; } workgroupBarrier();
}
