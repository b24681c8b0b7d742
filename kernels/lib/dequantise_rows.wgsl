// dequantise_rows: a matrix from the bytes and scales of its rows.
// Shapes: rows, cols (a multiple of 4); quants[rows, cols] int8, four in a word, the first in the lowest bits, scales[rows] f32,
// y[rows, cols] f32.
// Order: f32(integer) * scale.
// Error: 2^-24 of the result, or 2^-150.
// Grid: x ceil(cols / size), y ceil(rows / tall), folded into z.
// include: rows
struct Params { rows: u32, cols: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> quants: array<u32>;
@group(0) @binding(2) var<storage, read> scales: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size, tall)
fn dequantise_rows(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
                   @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups);
  let c = group.x * size + local.x;
  if (row >= p.rows || c >= p.cols) {
    return;
  }
  let q = bitcast<i32>(quants[row * (p.cols / 4) + c / 4] << (24 - 8 * (c & 3))) >> 24;
  y[row * p.cols + c] = f32(q) * scales[row];
}
