// proof: unproven
// dispatch: 1,1,1  words: 8
// One barrier a turn is enough where two halves take turns: what is proven nowhere is found clean.
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> tile: array<u32, 16>;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) {
  tile[i] = i;
  workgroupBarrier();
  for (var k = 0u; k < 6u; k++) {
    let old = (k & 1u) * 8u;
    tile[8u - old + i] = tile[old + ((i + 1u) & 7u)];
    workgroupBarrier();
  }
  out[i] = tile[i];
}
