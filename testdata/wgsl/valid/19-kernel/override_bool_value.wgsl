// override: t=0
// expect 0.0: 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override t: bool = true; override u = !t && true;
@compute @workgroup_size(1)
fn main() { out[0] = select(1u, 2u, u); }
