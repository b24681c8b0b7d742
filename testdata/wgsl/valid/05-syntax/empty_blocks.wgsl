// expect 0.0: 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn nothing() {}
@compute @workgroup_size(1)
fn main() { {} ; ; if true {} else {} loop { break; } switch 1 { default {} } nothing(); { { {} } } out[0] = 1; }
