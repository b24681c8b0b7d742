// expect 0.0: 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { {{{{{{{{{{{{{{{{{{{{ if true { if true { if true { if true { out[0] = 5; } } } } }}}}}}}}}}}}}}}}}}}} }
