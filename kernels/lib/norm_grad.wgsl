// norm_grad: the gradient of norm for x.
// Shapes: rows, n; x[rows, n], gain[n], stats[rows, 2] what norm had and gave, dy[rows, n], dx[rows, n] f32; the override
// centred as it was for norm.
// Order: h = (x - mean) r; g = dy gain; a = (sum of g) / n; b = (sum of g h) / n; dx = r ((g - a) - h b). Sums as in
// include/chains.wgsl. Not centred, h = x r, and a is left out. Factors are of the domain
// (include/domain.wgsl), terms of that of sums (include/addend.wgsl).
// Error: 2^-24 (16 + n/64) r max(|g|) (2 + h^2) where max is over the row, what the error of stats makes of it, and
// 2^-50 (1 + r) (1 + max(|g|)) (1 + |h|).
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: infinity
// include: domain
// include: addend
// include: row
// include: chains
struct Params { rows: u32, n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> stats: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

override centred: bool = true;

fn h(row: Row, i: u32, mean: f32, r: f32) -> f32 {
  let v = x[row.start + i];
  if (centred) {
    return domain(domain(addend(v) - addend(mean)) * domain(r));
  }
  return domain(domain(v) * domain(r));
}

// 0: g, 1: g h.
fn term(what: u32, row: Row, i: u32, mean: f32, r: f32) -> f32 {
  let g = domain(dy[row.start + i]) * domain(gain[i]);
  if (what == 0) {
    return g;
  }
  return domain(g) * h(row, i, mean, r);
}

@compute @workgroup_size(width, rows)
fn norm_grad(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
            @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups, p.rows, p.n);
  let count = f32(p.n);
  let mean = stats[2 * row.index];
  let r = stats[2 * row.index + 1];
  var a = 0.0;
  if (centred) {
    a = sum_of_row(row, 0, 0, 0) / count;
  }
  let b = sum_of_row(row, 1, mean, r) / count;
  for (var f = 0u; f < row.n; f += width) {
    let i = f + row.lane;
    if (i < row.n) {
      var g = term(0, row, i, 0, 0);
      if (centred) {
        g -= addend(a);
      }
      dx[row.start + i] = domain(r) * domain(g - h(row, i, mean, r) * domain(b));
    }
  }
}
