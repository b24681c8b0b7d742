// What adam and adamw share.
struct Params { n: u32, rate: f32, beta1: f32, beta2: f32, epsilon: f32, decay: f32, correct1: f32, correct2: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> w: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> m: array<f32>;
@group(0) @binding(4) var<storage, read_write> v: array<f32>;

fn adam_step(i: u32, start: f32, d: f32) {
  let first = p.beta1 * m[i] + (1.0 - p.beta1) * d;
  let second = p.beta2 * v[i] + ((1.0 - p.beta2) * d) * d;
  m[i] = first;
  v[i] = second;
  w[i] = start - p.rate * ((first * p.correct1) / (sqrt(second * p.correct2) + p.epsilon));
}
