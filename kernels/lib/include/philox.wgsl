// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3"
// (SC'11): four words for each counter of four words under a key of two.

// The upper half of the product.
fn product_high(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffff;
  let a1 = a >> 16;
  let b0 = b & 0xffff;
  let b1 = b >> 16;
  let low = a1 * b0 + ((a0 * b0) >> 16);
  let middle = a0 * b1 + (low & 0xffff);
  return a1 * b1 + (low >> 16) + (middle >> 16);
}

fn philox(counter: vec4<u32>, seed: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var k = seed;
  for (var round = 0; round < 10; round++) {
    c = vec4(product_high(0xcd9e8d57, c.z) ^ c.y ^ k.x, 0xcd9e8d57 * c.z, product_high(0xd2511f53, c.x) ^ c.w ^ k.y, 0xd2511f53 * c.x);
    k += vec2(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// Element i of a stream has word i / 64 % 4 of the counter (i / 256 * 64 + i % 64, stream, 0), so that the four elements of a
// counter lie 64 apart. This is the first of counter k's.
fn first_of_four(k: u32) -> u32 {
  return k / 64 * 256 + k % 64;
}

// From a word, a number from 0 up to but not 1: a multiple of 2^-24.
fn unit(word: u32) -> f32 {
  return f32(word >> 8) * 0x1p-24;
}
