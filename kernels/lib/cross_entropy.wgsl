// cross_entropy: the loss of each row of logits, -log(softmax(x)[label]), and what cross_entropy_grad wants. The mean is
// reduce_rows of the losses, divided by the number of labels that are not ignored.
// Shapes: rows, n, ignored; x[rows, n] f32, label[rows] u32, loss[rows] f32, stats[rows, 2] f32: the greatest logit and
// 1 / the sum of exp(x - that). A label equal to ignored gives the loss 0; any other that is no column gives NaN, as does a
// row of nothing but -Inf.
// Order: m = the greatest x; s = the sum of exp(x - m), 0 below 2^-94, as in include/chains.wgsl; loss = log(s) - (x[label] - m).
// x is of the domain of sums (include/addend.wgsl).
// Error: 2^-24 (12 + n/128 + 4 max |x|).
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: infinity
// include: addend
// include: weight
// include: row
// include: chains
struct Params { rows: u32, n: u32, ignored: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> label: array<u32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> stats: array<f32>;

// 0: x, 1: exp(x - m).
fn term(what: u32, row: Row, i: u32, m: f32, b: f32) -> f32 {
  let v = addend(x[row.start + i]);
  if (what == 0) {
    return v;
  }
  return weight(exp(v - m));
}

@compute @workgroup_size(width, rows)
fn cross_entropy(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
                @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups, p.rows, p.n);
  let m = max_of_row(row, 0, 0, 0);
  let sum = sum_of_row(row, 1, m, 0);
  if (row.lane == 0 && row.there) {
    let l = label[row.index];
    var v = addend(log(sum)) - (addend(x[row.start + l]) - m);
    if (l == p.ignored) {
      v = 0;
    } else if (l >= p.n) {
      v = not_a_number();
    }
    loss[row.index] = v;
    stats[2 * row.index] = m;
    stats[2 * row.index + 1] = 1 / sum;
  }
}
