// override: 3=1
// override: u=7
// override: 200=-4
// override: f=2.5
// expect 0.0: 1 7 0xfffffffc 0x40200000 3 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@id(3) override b: bool; override u: u32; @id(200) override i: i32 = 5; override f = 1.5; override k = 3; override t = true;
@compute @workgroup_size(1)
fn main() { out[0] = u32(b); out[1] = u; out[2] = bitcast<u32>(i); out[3] = bitcast<u32>(f); out[4] = u32(k); out[5] = u32(t); }
