// expect 0.0: 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> unused: array<u32>;
fn effect() -> u32 { out[0] += 1; return 3; }
@compute @workgroup_size(1) fn main() { _ = effect(); _ = &unused; _ = &unused[1]; _ = unused[2]; _ = 1 + 2; _ = vec2(1, 2); }
