// cross_entropy_grad: the gradient of cross_entropy for the logits, times factor: for the mean loss 1 / the number of labels
// that are not ignored.
// Shapes: rows, n, ignored, factor; x[rows, n] f32, label[rows] u32, stats[rows, 2] f32 what cross_entropy had and gave,
// dx[rows, n] f32. Rows whose label is ignored get 0, those with a label that is no column NaN.
// Order: q = exp(x - m) r for the two numbers m and r of stats; dx = factor (q - 1) in the label's column, factor q elsewhere. x and m
// are of the domain of sums (include/addend.wgsl), powers below 2^-94 are 0, and factors are of the domain (include/domain.wgsl).
// Error: 2^-24 (14 + n/128 + 4 max |x|) factor, and 2^-51 (1 + factor).
// Grid: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
// include: infinity
// include: domain
// include: addend
// include: weight
// include: column
override each: u32 = 8; // rows that an invocation does

struct Params { rows: u32, n: u32, ignored: u32, factor: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> label: array<u32>;
@group(0) @binding(3) var<storage, read> stats: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(size)
fn cross_entropy_grad(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
                      @builtin(num_workgroups) groups: vec3<u32>) {
  let c = id.x;
  if (c >= p.n) {
    return;
  }
  let first = rows_before(group, groups, each);
  let last = min(first + each, p.rows);
  for (var row = first; row < last; row++) {
    let l = label[row];
    let q = weight(exp(addend(x[row * p.n + c]) - addend(stats[2 * row]))) * share(stats[2 * row + 1]);
    var d = domain(p.factor) * domain(select(q, q - 1, c == l));
    if (l == p.ignored) {
      d = 0;
    } else if (l >= p.n) {
      d = not_a_number();
    }
    dx[row * p.n + c] = d;
  }
}
