// mse: sums of squared differences, (x - t)^2, of blocks of 4096 elements. reduce_rows with n = 4096 brings them to one, the
// last time with the number of all elements as divide, for the mean.
// Shapes: blocks, total; x[total], t[total], y[blocks] f32 with blocks = ceil(total / 4096).
// Order: d = x - t of the domain (include/domain.wgsl), x and t of that of sums (include/addend.wgsl); the sum of d d in each block
// as in include/chains.wgsl.
// Error: 2^-24 44 (sum of (|x| + |t|)^2), and 2^-102 for each element.
// Grid: ceil(blocks / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: infinity
// include: domain
// include: addend
// include: row
// include: chains
struct Params { blocks: u32, total: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> t: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn term(what: u32, row: Row, i: u32, a: f32, b: f32) -> f32 {
  let d = domain(addend(x[row.start + i]) - addend(t[row.start + i]));
  return d * d;
}

@compute @workgroup_size(width, rows)
fn mse(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
      @builtin(num_workgroups) groups: vec3<u32>) {
  let row = cut(row_of(local, group, groups, p.blocks, 4096), p.total);
  let sum = sum_of_row(row, 0, 0, 0);
  if (row.lane == 0 && row.there) {
    y[row.index] = sum;
  }
}
