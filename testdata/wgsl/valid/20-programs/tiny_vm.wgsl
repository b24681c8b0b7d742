// in 0.1: 0 5 0 1 3 1 2 0 4294967295 1 3 4 99 9
// expect 0.0: 2 15 5
// A stack machine: push, add, multiply, duplicate, jump if not zero, halt.
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var stack: array<u32, 8>; var sp = 0u; var pc = 0u; var steps = 0u; var acc = 1u;
  loop { if steps > 100 || pc >= 14 { break; } steps++; let op = inp[pc]; pc++;
    switch op { case 0 { stack[sp] = inp[pc]; sp++; pc++; } case 1 { sp--; stack[sp - 1] += stack[sp]; } case 2 { acc *= stack[sp - 1]; } case 3 { stack[sp] = stack[sp - 1]; sp++; } case 4 { sp--; if stack[sp] != 0 { pc = 6; } else { pc++; } } default { break; } } }
  out[0] = acc; out[1] = steps; out[2] = stack[0];
}
