// norm_grad_gain: the gradients of norm for gain and shift, in blocks of 256 rows that reduce_columns adds up, taking them
// as a matrix of ceil(rows / 256) rows and 2 n columns (n if not centred, where there is no shift).
// Shapes: rows, n; x[rows, n], stats[rows, 2] what norm had and gave, dy[rows, n], parts[ceil(rows / 256), 2, n] f32; the
// override centred as it was for norm.
// Order: h = (x - mean) r, or x r if not centred; the sum of dy h, then that of dy, each one chain over the rows of the block,
// beginning with 0. Factors are of the domain (include/domain.wgsl), terms of that of sums (include/addend.wgsl).
// Error: 2^-24 times the rows of the block plus 3, times the sum of |dy| (|h| + max |x| r), or of |dy|, and 2^-50
// (1 + r) (1 + |dy|) (1 + |h|) for each row.
// Grid: ceil(n / size) workgroups in x, ceil(rows / 256) in y, folded into z.
// include: domain
// include: addend
// include: column
struct Params { rows: u32, n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> parts: array<f32>;

override centred: bool = true;

@compute @workgroup_size(size)
fn norm_grad_gain(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
                  @builtin(num_workgroups) groups: vec3<u32>) {
  let c = id.x;
  let first = rows_before(group, groups, 256);
  if (c >= p.n || first >= p.rows) {
    return;
  }
  let last = min(first + 256, p.rows);
  var gain = 0.0;
  var shift = 0.0;
  for (var row = first; row < last; row++) {
    let d = dy[row * p.n + c];
    let r = stats[2 * row + 1];
    if (centred) {
      gain += domain(d) * domain(domain(addend(x[row * p.n + c]) - addend(stats[2 * row])) * domain(r));
      shift += addend(d);
    } else {
      gain += domain(d) * domain(domain(x[row * p.n + c]) * domain(r));
    }
  }
  let block = first / 256;
  if (centred) {
    parts[2 * block * p.n + c] = gain;
    parts[(2 * block + 1) * p.n + c] = shift;
  } else {
    parts[block * p.n + c] = gain;
  }
}
