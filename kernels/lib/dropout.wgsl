// dropout: y = factor x for the elements that are kept, 0 for the others. Its gradient is dropout of dy with the same seed.
// Shapes: n, stream, seed_low, seed_high, below, factor; x[n], y[n] f32. An element is dropped with probability
// below 2^-32; factor is 1 / (1 - that).
// Order: element i has word i / 64 % 4 of Philox4x32-10 at the counter (i / 256 * 64 + i % 64, stream, 1, 0) and is dropped if
// that is less than below; one multiplication.
// Error: 0.5 units in the last place.
// Grid: ceil(ceil(n / 256) 64 / size) workgroups, folded into rows of 65,535 in y.
// include: point
// include: philox
struct Params { n: u32, stream: u32, seed_low: u32, seed_high: u32, below: u32, factor: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn kept(i: u32, word: u32) {
  if (i < p.n) {
    y[i] = select(p.factor * x[i], 0, word < p.below);
  }
}

@compute @workgroup_size(size)
fn dropout(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
           @builtin(num_workgroups) groups: vec3<u32>) {
  let k = point_of(local, group, groups);
  let i = first_of_four(k);
  if (i >= p.n) {
    return;
  }
  let w = philox(vec4(k, p.stream, 1, 0), vec2(p.seed_low, p.seed_high));
  kept(i, w.x);
  kept(i + 64, w.y);
  kept(i + 128, w.z);
  kept(i + 192, w.w);
}
