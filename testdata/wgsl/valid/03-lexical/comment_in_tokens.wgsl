// expect 0.0: 7 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let/*a name follows*/x/*:*/:/*u32*/u32/*=*/=/*7*/7u;
  out/**/[/**/0/**/]/**/=/**/x;
  out[1] = vec2/**/</**/u32/**/>/**/(/**/5/**/,/**/6/**/)/**/./**/y;
}
