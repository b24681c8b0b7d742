// override: 12=8
// expect 0.0: 8
const base = 10; @id(base + 2) override x: u32;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = x; }
