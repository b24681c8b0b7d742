// norm_grad: the gradient of norm for x.
// Shapes: rows, n; x[rows, n], gain[n], stats[rows, 2] what norm had and gave, dy[rows, n], dx[rows, n] f32; the override
// centred as it was for norm.
// Order: h = (x - mean) r; g = dy gain; a = (sum of g) / n; b = (sum of g h) / n; dx = r ((g - a) - h b). Sums as in
// include/chains.wgsl. Not centred, h = x r, and a is left out.
// Error: 2^-24 (16 + n/64) r max(|g|) (2 + h^2) where max is over the row, and what the error of stats makes of it.
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
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

@compute @workgroup_size(width, rows)
fn norm_grad(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
             @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups);
  let start = row * p.n;
  let n = select(0, p.n, row < p.rows);
  let count = f32(p.n);
  let mean = select(0, stats[2 * row], centred);
  let r = stats[2 * row + 1];

  var a = 0.0;
  if (centred) {
    for (var f = 0u; f < chains; f += width) {
      let c = f + local.x;
      var sum = 0.0;
      for (var b = 0u; b < n; b += chains) {
        let i = b + c;
        sum += select(0, dy[start + i] * gain[i], i < n);
      }
      put_chain(local, c, sum);
    }
    a = sum_of_chains(local) / count;
  }

  for (var f = 0u; f < chains; f += width) {
    let c = f + local.x;
    var sum = 0.0;
    for (var b = 0u; b < n; b += chains) {
      let i = b + c;
      let g = dy[start + i] * gain[i];
      var d = x[start + i];
      if (centred) {
        d -= mean;
      }
      sum += select(0, g * (d * r), i < n);
    }
    put_chain(local, c, sum);
  }
  let b = sum_of_chains(local) / count;

  for (var f = 0u; f < n; f += width) {
    let i = f + local.x;
    if (i < n) {
      let g = dy[start + i] * gain[i];
      if (centred) {
        dx[start + i] = r * ((g - a) - (x[start + i] - mean) * r * b);
      } else {
        dx[start + i] = r * (g - x[start + i] * r * b);
      }
    }
  }
}
