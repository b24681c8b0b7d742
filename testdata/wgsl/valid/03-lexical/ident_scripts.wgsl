// expect 0.0: 2 3 4 4 5 8
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn größe(x: u32) -> u32 { return x + 1; }
fn 関数(x: u32) -> u32 { return x + 2; }
fn функция(x: u32) -> u32 { return x + 3; }
struct Δ { λ: u32, μέγεθος: u32 }
@compute @workgroup_size(1)
fn main() {
  let ñ = 1u; let ⅷ = 8u; let d = Δ(4, 5);
  out[0] = größe(ñ); out[1] = 関数(1); out[2] = функция(1); out[3] = d.λ; out[4] = d.μέγεθος; out[5] = ⅷ;
}
