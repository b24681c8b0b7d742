// attention: softmax(scale q k^T) v, with heads, key heads that several query heads share, masks and a key and value cache.
// Shapes: batch, n queries in each, capacity, heads, kv_heads (a divisor of heads), scale; lengths[batch][2] u32, the position of the
// first query and the number of keys (at most capacity counts); q[batch][n][heads][dim], k and v[batch][capacity][kv_heads][dim],
// y[batch][n][heads][dim], most and sum[batch][n][heads] f32. dim, at most 256, is an override. Query head h takes key head
// h / (heads / kv_heads). A query sees the keys there are; with the override causal those at its own position and before.
// Order: s_j = scale * (q . k_j), the dot product one chain from +0 over the columns. Keys come in blocks of 32, from key 0 on. m = -Inf,
// l = +0, y = +0; for each block of which the query sees a key: m' = max(m, the s_j it sees), NaNs left out; a = exp(m - m'), but 1
// where m' = m; w_j = exp(s_j - m'); where a is not 1, l = l * a and y = y * a; then for the keys it sees in order, where w_j is not 0,
// l = l + w_j and y = y + w_j * v_j. At the end y = y / l, and +0 where l is 0: where it sees no key. most = m, sum = l. The operands of
// the products of q, k, v, w and y count as +0 below 2^-51 in magnitude, and w so everywhere. Every operation is rounded.
// Error: 2 ((dim + 6) S + t + t/8 + 8) 2^-24 max |v| for t keys seen, S = |scale| max_j sum |q k_j|, while that is below 0.1 max |v|,
// besides what the domain leaves out.
// Grid: x ceil(n * heads / kv_heads / (size / 4)), y kv_heads, z batch.
// include: domain
// include: infinity
// include: attention
@group(0) @binding(2) var<storage, read> q: array<f32>;
@group(0) @binding(3) var<storage, read> k: array<f32>;
@group(0) @binding(4) var<storage, read> v: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> most: array<f32>;
@group(0) @binding(7) var<storage, read_write> sum: array<f32>;

var<workgroup> maxima: array<f32, high>;
var<workgroup> factors: array<f32, high>;
var<private> total: f32; // of row local, kept by the first invocations

fn owned(at: Place, matrix: u32, row: u32, c: u32) -> f32 {
  return q[query_at(at, row) * dim + c];
}

fn other(at: Place, matrix: u32, key: u32, c: u32) -> f32 {
  let i = key_at(at, key) * dim + c;
  if (matrix == 0) {
    return k[i];
  }
  return v[i];
}

fn rescaled(y: vec4<f32>, a: vec4<f32>) -> vec4<f32> {
  return select(domain4(y) * domain4(a), y, a == vec4(1.0));
}

@compute @workgroup_size(size)
fn attention(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let at = place_of(group);
  let me = seat_of(local);
  let sees = seen_by(at, at.first + local); // of the row that this invocation sums up
  let end = seen_by(at, min(at.first + high, query_rows()) - 1);
  if (local < high) {
    maxima[local] = -infinity();
  }
  for (var first = 0u; first < end; first += wide) {
    put_products(me, products(at, me, 0, first));
    if (local < high) {
      let old = maxima[local];
      var m = old;
      for (var j = 0u; j < wide; j++) {
        if (first + j < sees) {
          m = max(m, p.scale * block[weight_at(local, j)]);
        }
      }
      maxima[local] = m;
      factors[local] = select(exp(old - m), 1.0, old == m);
    }
    workgroupBarrier();
    for (var i = local; i < high * wide; i += size) {
      let row = i % high;
      let j = i / high;
      var w = 0.0;
      if (first + j < seen_by(at, at.first + row)) {
        w = domain(exp(p.scale * block[weight_at(row, j)] - maxima[row]));
      }
      part[weight_at(row, j)] = w;
    }
    workgroupBarrier();
    if (local < high) {
      let a = factors[local];
      if (a != 1.0) {
        total = domain(total) * domain(a);
      }
      for (var j = 0u; j < wide; j++) {
        total += part[weight_at(local, j)];
      }
    }
    for (var h = 0u; h < 2; h++) {
      let r = me.y + 4 * h;
      let a = vec4(factors[r], factors[r + 1], factors[r + 2], factors[r + 3]);
      if (any(a != vec4(1.0))) {
        for (var i = h; i < (dim + 31) / wide * 2; i += 2) {
          kept[i] = rescaled(kept[i], a);
        }
      }
    }
    for (var start = 0u; start < dim; start += wide) {
      accumulate(at, me, 1, first, min(wide, end - first), start);
    }
  }
  workgroupBarrier();
  if (local < high) {
    factors[local] = total;
    let row = at.first + local;
    if (row < query_rows()) {
      most[query_at(at, row)] = maxima[local];
      sum[query_at(at, row)] = total;
    }
  }
  for (var start = 0u; start < dim; start += wide) {
    put_results(me, kept_at(start));
    for (var i = local; i < high * wide; i += size) {
      let row = at.first + i / wide;
      let c = start + i % wide;
      if (row < query_rows() && c < dim) {
        let l = factors[i / wide];
        y[query_at(at, row) * dim + c] = select(result_at(i) / l, 0.0, l == 0.0);
      }
    }
  }
}
