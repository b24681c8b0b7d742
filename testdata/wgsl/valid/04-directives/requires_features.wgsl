// expect 0.0: 1
requires packed_4x8_integer_dot_product;
requires unrestricted_pointer_parameters, pointer_composite_access;
requires uniform_buffer_standard_layout, linear_indexing,;
requires swizzle_assignment;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = 1; }
