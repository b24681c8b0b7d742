// expect 0.0: 3.0
alias F = f32;
alias V = vec2<F>;
alias A = array<V, 2>;
@group(0) @binding(0) var<storage, read_write> out: array<F>;
@compute @workgroup_size(1) fn main() { var a = A(V(1, 2), V(F(1), 1)); out[0] = a[0].y + a[1].y; }
