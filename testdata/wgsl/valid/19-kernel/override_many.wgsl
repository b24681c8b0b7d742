// override: a=2
// override: b=3
// expect 0.0: 25 5 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override a: u32; override b: u32; override c: u32 = a + b; override d = c * c; var<workgroup> w: array<u32, d - 20>;
@compute @workgroup_size(a, b) fn main(@builtin(local_invocation_index) i: u32) { if i == c { w[4] = d; out[0] = w[4]; out[1] = c; out[2] = i; } }
