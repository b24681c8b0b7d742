// What the gradients of attention share: the weights, made again from what attention saved.
@group(0) @binding(2) var<storage, read> q: array<f32>;
@group(0) @binding(3) var<storage, read> k: array<f32>;
@group(0) @binding(4) var<storage, read> v: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read> saved: array<f32>; // most, 1 / sum and delta of each row

// Element c of a row of q, 0, or dy, 1.
fn query_part(at: Place, matrix: u32, row: u32, c: u32) -> f32 {
  let i = query_at(at, row) * dim + c;
  if (matrix == 0) {
    return q[i];
  }
  return dy[i];
}

// Element c of a row of k, 0, or v, 1.
fn key_part(at: Place, matrix: u32, key: u32, c: u32) -> f32 {
  let i = key_at(at, key) * dim + c;
  if (matrix == 0) {
    return k[i];
  }
  return v[i];
}

override values: bool = false; // the gradient of the values, for which the first of two products will do

struct Two { first: Eight, second: Eight }

// Products 0 and 1, which stand in the text once.
fn two_products(at: Place, me: Seat, first: u32) -> Two {
  var both: Two;
  for (var matrix = 0u; matrix < 2; matrix++) {
    both.first = both.second;
    if (!values || matrix == 1) {
      both.second = products(at, me, select(matrix, 0, values), first);
    }
  }
  if (values) {
    both.first = both.second;
  }
  return both;
}

// The weight of a key for the query at i, whose product is s.
fn weight(i: u32, s: f32) -> f32 {
  return domain(exp(p.scale * s - saved[3 * i])) * saved[3 * i + 1];
}

// The gradient of its score: the weight times what the gradient of the weight, g, has more than the row's.
fn slope(i: u32, w: f32, g: f32) -> f32 {
  return domain(w * (g - saved[3 * i + 2]));
}
