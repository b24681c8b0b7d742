// Products of bytes in i32. (Held in f32 they were no faster: as fast on the cpu device, slower on the drivers tried.)
alias term = i32;
alias whole = i32;
const per = 4u;

struct Params { m: u32, n: u32, k: u32, batch: u32, a_step: u32, b_step: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(2) var<storage, read> b: array<u32>;

// Byte i of a word with its sign.
fn term_of(word: u32, i: u32) -> i32 {
  return bitcast<i32>(word << (24 - 8 * i)) >> 24;
}
