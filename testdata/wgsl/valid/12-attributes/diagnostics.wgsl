// expect 0.0: 1
diagnostic(off, derivative_uniformity);
diagnostic(warning, chromium.unreachable_code);
requires packed_4x8_integer_dot_product, unrestricted_pointer_parameters;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) @diagnostic(info, derivative_uniformity) fn main() @diagnostic(off, derivative_uniformity) {
  @diagnostic(off, derivative_uniformity) if (true) { out[0] = 1; }
}
