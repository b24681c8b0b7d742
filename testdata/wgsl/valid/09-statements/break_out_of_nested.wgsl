// expect 0.0: 9 11
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { var i = 0u; loop { var j = 0u; loop { if j == 3 { break; } j++; } i += j; if i > 7 { break; } } out[0] = i; while true { if i > 10 { break; } i++; } out[1] = i; }
