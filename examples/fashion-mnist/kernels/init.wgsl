// Uniform He initialisation (He et al. 2015) of one weight matrix. Weight i is a function of the job's seed and i
// alone: the first word of Philox 4x32-10 (Salmon et al. 2011) at counter (i, stream, 0, 0) with the seed as its key.

struct Init {
  seed_low: u32,
  seed_high: u32,
  stream: u32, // which matrix
  count: u32,  // its elements
  bound: f32,  // weights lie in [-bound, bound)
}

@group(0) @binding(0) var<uniform> init: Init;
@group(0) @binding(1) var<storage, read_write> weights: array<f32>;

// The upper half of the 64-bit product a*b, from four 16-bit products.
fn mul_high(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let low = a0 * b0;
  let middle = a1 * b0 + (low >> 16u);
  let cross = a0 * b1 + (middle & 0xffffu);
  return a1 * b1 + (middle >> 16u) + (cross >> 16u);
}

fn philox(counter: vec4<u32>, seed: vec2<u32>) -> u32 {
  var c = counter;
  var k = seed;
  for (var round = 0u; round < 10u; round++) {
    c = vec4<u32>(
      mul_high(0xCD9E8D57u, c.z) ^ c.y ^ k.x,
      0xCD9E8D57u * c.z,
      mul_high(0xD2511F53u, c.x) ^ c.w ^ k.y,
      0xD2511F53u * c.x,
    );
    k += vec2<u32>(0x9E3779B9u, 0xBB67AE85u);
  }
  return c.x;
}

@compute @workgroup_size(64)
fn he_uniform(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i >= init.count) {
    return;
  }
  let bits = philox(vec4<u32>(i, init.stream, 0u, 0u), vec2<u32>(init.seed_low, init.seed_high));
  // 24 bits are exact in an f32; the scale makes them a number in [-1, 1).
  let unit = f32(bits >> 8u) * 0x1p-23 - 1.0;
  weights[i] = unit * init.bound;
}
