// expect 0.0: 0xffffdcd9 5003 2000 0xfffffc15
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// PCG hash: O'Neill, PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms (2014).
fn pcg(x: u32) -> u32 { let s = x * 747796405u + 2891336453u; let w = ((s >> ((s >> 28u) + 4u)) ^ s) * 277803737u; return (w >> 22u) ^ w; }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { var at = vec2i(); var s = pcg(i); for (var k = 0; k < 50; k++) { s = pcg(s); switch s & 3 { case 0 { at.x++; } case 1 { at.x--; } case 2 { at.y++; } default { at.y--; } } } out[i] = bitcast<u32>(at.x * 1000 + at.y); }
