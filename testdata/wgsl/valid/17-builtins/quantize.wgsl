// in 0.1: 1.0 0.1 65519.0 65520.0 -1e-7 5.9604645e-8 2.9802322e-8 nan
// expect 0.0: 1.0 0.099975586 65504.0 inf -1.1920929e-7 5.9604645e-8 0.0 nan
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) { out[i] = quantizeToF16(x[i]); }
