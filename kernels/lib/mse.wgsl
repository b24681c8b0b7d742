// mse: sums of squared differences, (x - t)^2, of blocks of 4096 elements. reduce_rows with n = 4096 brings them to one, the
// last time with the number of all elements as divide, for the mean.
// Shapes: blocks, total; x[total], t[total], y[blocks] f32 with blocks = ceil(total / 4096).
// Order: d = x - t; the sum of d d in each block as in include/chains.wgsl.
// Error: 2^-24 44 (sum of (|x| + |t|)^2), and 2^-149 for each d d that underflows.
// Grid: ceil(blocks / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: row
// include: chains
struct Params { blocks: u32, total: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> t: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(width, rows)
fn mse(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
       @builtin(num_workgroups) groups: vec3<u32>) {
  let block = row_of(local, group, groups);
  let start = block * 4096;
  let n = select(0, min(4096, p.total - start), block < p.blocks && start < p.total);
  for (var f = 0u; f < chains; f += width) {
    let c = f + local.x;
    var sum = 0.0;
    for (var b = 0u; b < n; b += chains) {
      let i = b + c;
      let d = x[start + i] - t[start + i];
      sum += select(0, d * d, i < n);
    }
    put_chain(local, c, sum);
  }
  let sum = sum_of_chains(local);
  if (local.x == 0 && block < p.blocks) {
    y[block] = sum;
  }
}
