// attention_dkv: the gradient of attention's keys, or with the override values that of its values.
// Shapes: as of attention_dq, and dx[batch][capacity][kv_heads][dim] f32, the gradient of k or v: zeros for keys that no query sees.
// Order: w and d as in attention_dq, and w taken as +0 below 2^-51 as well; dk = +0; dk = dk + d * q over the queries that see the key,
// and within each the heads that share it, in order, where d is not 0; at the end dk = dk * scale. dv = +0; dv = dv + w * dy likewise,
// without the scale. Elements of q, k, v and dy count as +0 below 2^-51 in magnitude. Every operation is rounded.
// Error: of dk 4 (dim S + dim + t + r + 8) 2^-24 |scale| sum_i w_i A_i |q_i| over the r rows of queries, with A as in attention_dq, and
// 2^-49 |scale| sum_i (1 + A_i) |q_i|; of dv 4 (dim S + dim + t + r + 8) 2^-24 sum_i w_i |dy_i|, and 2^-49 sum_i |dy_i|.
// Grid: x ceil(capacity / (size / 4)), y kv_heads, z batch.
// include: domain
// include: attention
// include: attention_backward
@group(0) @binding(7) var<storage, read_write> dx: array<f32>;

fn owned(at: Place, matrix: u32, key: u32, c: u32) -> f32 {
  return key_part(at, matrix, key, c);
}

fn other(at: Place, matrix: u32, row: u32, c: u32) -> f32 {
  return query_part(at, matrix, row, c);
}

@compute @workgroup_size(size)
fn attention_dkv(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let at = place_of(group);
  let me = seat_of(local);
  let end = select(0, query_rows(), at.first < keys_of(at));
  var begin = 0u;
  if (causal) { // the first query that sees the first of the keys
    let start = lengths[at.batch].x;
    begin = select(0, min(at.first - start, p.n) * group_heads(), at.first > start);
  }
  for (var first = begin; first < end; first += wide) {
    let both = two_products(at, me, first);
    let g = both.second;
    put_products(me, both.first);
    let row = first + me.x;
    let sees = seen_by(at, row);
    let n = query_at(at, row);
    for (var i = 0u; i < 8; i++) {
      let to = weight_at(me.y + i, me.x);
      var d = 0.0;
      if (at.first + me.y + i < sees) {
        let w = weight(n, block[to]);
        d = domain(w);
        if (!values) {
          d = slope(n, w, select(g.b[i % 4], g.a[i % 4], i < 4));
        }
      }
      part[to] = d;
    }
    workgroupBarrier();
    for (var start = 0u; start < dim; start += wide) {
      accumulate(at, me, select(0u, 1u, values), first, min(wide, end - first), start);
    }
  }
  for (var start = 0u; start < dim; start += wide) {
    put_results(me, kept_at(start));
    for (var i = local; i < high * wide; i += size) {
      let key = at.first + i / wide;
      let c = start + i % wide;
      if (key < p.capacity && c < dim) {
        dx[key_at(at, key) * dim + c] = result_at(i) * select(p.scale, 1.0, values);
      }
    }
  }
}
