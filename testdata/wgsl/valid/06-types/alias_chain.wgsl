// expect 0.0: 4 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
alias A = B; alias B = C; alias C = array<D, 2>; alias D = vec2<u32>;
@compute @workgroup_size(1)
fn main() { var a: A; a[1].y = 4; let c = C(D(1, 2), D(3)); out[0] = a[1].y; out[1] = c[1].x; }
