// rotary: turns pairs of numbers in each head of each token by angles that depend on the token's position (rotary position
// embedding, Su et al. 2021), or with the override inverse back: which is also the gradient.
// Shapes: tokens, heads, dim, n pairs (2n <= dim), rows; positions[tokens] u32, cosine[rows][n] and sine[rows][n] from
// rotary_table, x[tokens][heads][dim], y alike, f32. Pair i is the elements i and n + i of a head, or with the override
// neighbours 2i and 2i + 1. Elements from 2n on are copied.
// Order: with c and s of the token's position, (a, b) becomes (a*c - b*s, b*c + a*s), and the inverse (a*c + b*s, b*c - a*s):
// two products, each rounded, then their sum or difference. c and s are 0 for positions >= rows.
// Error: 2^-23 (|a| + |b|) for the table given.
// Grid: x ceil(n / size), y ceil(tokens * heads / tall), folded into z.
// include: rows
override inverse: bool = false;
override neighbours: bool = false;

struct Params { tokens: u32, heads: u32, dim: u32, n: u32, rows: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> positions: array<u32>;
@group(0) @binding(2) var<storage, read> cosine: array<f32>;
@group(0) @binding(3) var<storage, read> sine: array<f32>;
@group(0) @binding(4) var<storage, read> x: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size, tall)
fn rotary(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
          @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups);
  let i = group.x * size + local.x;
  if (row >= p.tokens * p.heads || i >= p.n) {
    return;
  }
  let position = positions[row / p.heads];
  var c = 0.0;
  var s = 0.0;
  if (position < p.rows) {
    c = cosine[position * p.n + i];
    s = sine[position * p.n + i];
  }
  let first = row * p.dim;
  var at = first + i;
  var to = at + p.n;
  if (neighbours) {
    at = first + 2u * i;
    to = at + 1u;
  }
  let a = x[at];
  let b = x[to];
  if (inverse) {
    y[at] = a * c + b * s;
    y[to] = b * c - a * s;
  } else {
    y[at] = a * c - b * s;
    y[to] = b * c + a * s;
  }
  for (var e = 2u * p.n + i; e < p.dim; e += p.n) {
    y[first + e] = x[first + e];
  }
}
