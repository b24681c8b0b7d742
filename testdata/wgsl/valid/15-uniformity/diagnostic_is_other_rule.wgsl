// expect 0.0: 1 1
// A barrier's rule is no diagnostic: it cannot be turned off, and derivative_uniformity does not touch it.
diagnostic(off, derivative_uniformity);
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(2) fn main(@builtin(local_invocation_index) i: u32) { workgroupBarrier(); out[i] = 1; }
