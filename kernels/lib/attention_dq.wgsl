// attention_dq: the gradient of attention's queries.
// Shapes: as of attention, with dy[batch][n][heads][dim], the gradient of y, saved[batch][n][heads][3] of attention_delta, which are most, 1 / sum
// and delta, and dq[batch][n][heads][dim] f32.
// Order: s_j and m as in attention; w_j = exp(s_j - most) * (1 / sum), exp taken as +0 below 2^-51; g_j = dy . v_j, one chain over the
// columns; d_j = w_j * (g_j - delta), taken as +0 below 2^-51 in magnitude. dq = +0; dq = dq + d_j * k_j over the keys that the query
// sees in order, where d_j is not 0; at the end dq = dq * scale. Elements of q, k, v and dy count as +0 below 2^-51 in magnitude. Every
// operation is rounded.
// Error: 4 (dim S + dim + t + 8) 2^-24 |scale| sum_j w_j A_j |k_j| for t keys, S as in attention, A_j = sum |dy v_j| + sum |dy y|, and
// 2^-49 |scale| sum_j (1 + A_j) |k_j|.
// Grid: x ceil(n * heads / kv_heads / (size / 4)), y kv_heads, z batch.
// include: domain
// include: attention
// include: attention_backward
@group(0) @binding(7) var<storage, read_write> dq: array<f32>;

fn owned(at: Place, matrix: u32, row: u32, c: u32) -> f32 {
  return query_part(at, matrix, row, c);
}

fn other(at: Place, matrix: u32, key: u32, c: u32) -> f32 {
  return key_part(at, matrix, key, c);
}

@compute @workgroup_size(size)
fn attention_dq(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let at = place_of(group);
  let me = seat_of(local);
  let end = seen_by(at, min(at.first + high, query_rows()) - 1);
  for (var first = 0u; first < end; first += wide) {
    let both = two_products(at, me, first);
    let g = both.second;
    put_products(me, both.first);
    for (var i = 0u; i < 8; i++) {
      let row = at.first + me.y + i;
      let to = weight_at(me.y + i, me.x);
      let w = block[to];
      var d = 0.0;
      if (first + me.x < seen_by(at, row)) {
        let n = query_at(at, row);
        d = slope(n, weight(n, w), select(g.b[i % 4], g.a[i % 4], i < 4));
      }
      part[to] = d;
    }
    workgroupBarrier();
    for (var start = 0u; start < dim; start += wide) {
      accumulate(at, me, 0, first, min(wide, end - first), start);
    }
  }
  for (var start = 0u; start < dim; start += wide) {
    put_results(me, kept_at(start));
    for (var i = local; i < high * wide; i += size) {
      let row = at.first + i / wide;
      let c = start + i % wide;
      if (row < query_rows() && c < dim) {
        dq[query_at(at, row) * dim + c] = result_at(i) * p.scale;
      }
    }
  }
}
