// expect 0.0: 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(W) fn main() { out[0] = V[I].x + u32(N); }
var<private> V: A = A(E(1), E(2), E(3));
alias A = array<E, W + 2>; struct E { x: u32 } const I = W; const W = 1; override N: f32 = 4;
