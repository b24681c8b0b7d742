// in 0.1: 65536 -98304 32768 131072
// expect 0.0: -98304 -49152 65536 131072
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
struct Wide { hi: i32, lo: u32 }
fn mul(a: i32, b: i32) -> i32 {
  let neg = (a < 0) != (b < 0); let x = u32(abs(a)); let y = u32(abs(b));
  let ll = (x & 0xffff) * (y & 0xffff); let lh = (x & 0xffff) * (y >> 16u); let hl = (x >> 16u) * (y & 0xffff); let hh = (x >> 16u) * (y >> 16u);
  let r = (ll >> 16u) + lh + hl + (hh << 16u); return select(i32(r), -i32(r), neg);
}
@compute @workgroup_size(1)
fn main() { for (var i = 0; i < 4; i++) { out[i] = mul(inp[i], inp[(i + 1) % 4]); } }
