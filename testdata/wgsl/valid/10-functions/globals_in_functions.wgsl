// expect 0.0: 13 25 15
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> p: u32 = 1; var<workgroup> w: u32; const c = 7; override o: u32 = 5;
fn f() -> u32 { p += c; w += o; return p + w; }
@compute @workgroup_size(1)
fn main() { out[0] = f(); out[1] = f(); out[2] = p; }
