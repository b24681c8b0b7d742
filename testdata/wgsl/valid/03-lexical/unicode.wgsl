// expect 0.0: 7
@group(0) @binding(0) var<storage, read_write> größe: array<u32>;
fn Δέλτα(x: u32) -> u32 { let 変数 = x + 1; return 変数; }
@compute @workgroup_size(1) fn main() { größe[0] = Δέλτα(6); }
