// random: n numbers from a seed, by the override distribution: 0 uniform from a up to a + b, 1 normal with mean a and deviation b.
// Shapes: n, stream, seed_low, seed_high, a, b; y[n] f32. Different streams of one seed are independent.
// Order: element i has word i / 64 % 4 of Philox4x32-10 at the counter (i / 256 * 64 + i % 64, stream, 0, 0). Uniform: a + b u,
// where u = (word >> 8) 2^-24. Normal, by Box and Muller: words 0 and 1, and 2 and 3, are pairs v, w that give
// r = sqrt(-2 log(f32(v) 2^-32 + 2^-33)) and t = f32(w) 2^-32 6.2831855; the element of v is a + b (r cos(t)), that of
// w a + b (r sin(t)). No normal number is further than 6.8 from the mean, in deviations.
// Error: 2^-24 (|a| + 2 |b|), normal 2^-24 (|a| + 48 |b|).
// Grid: ceil(ceil(n / 256) 64 / size) workgroups, folded into rows of 65,535 in y.
// include: point
// include: philox
struct Params { n: u32, stream: u32, seed_low: u32, seed_high: u32, a: f32, b: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

override distribution: u32 = 0;

fn pair(v: u32, w: u32) -> vec2<f32> {
  let r = sqrt(-2 * log(f32(v) * 0x1p-32 + 0x1p-33));
  let t = f32(w) * 0x1p-32 * 6.2831855;
  return vec2(r * cos(t), r * sin(t));
}

@compute @workgroup_size(size)
fn random(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
          @builtin(num_workgroups) groups: vec3<u32>) {
  let k = point_of(local, group, groups);
  let i = first_of_four(k);
  if (i >= p.n) {
    return;
  }
  let w = philox(vec4(k, p.stream, 0, 0), vec2(p.seed_low, p.seed_high));
  var v = vec4<f32>();
  if (distribution == 1) {
    v = vec4(pair(w.x, w.y), pair(w.z, w.w));
  } else {
    v = vec4(unit(w.x), unit(w.y), unit(w.z), unit(w.w));
  }
  v = p.a + p.b * v;
  y[i] = v.x;
  if (i + 64 < p.n) {
    y[i + 64] = v.y;
  }
  if (i + 128 < p.n) {
    y[i + 128] = v.z;
  }
  if (i + 192 < p.n) {
    y[i + 192] = v.w;
  }
}
