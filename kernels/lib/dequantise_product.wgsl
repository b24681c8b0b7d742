// dequantise_product: numbers from the product of two matrices of bytes (matmul_i8) and the scales of its factors.
// Shapes: rows, cols; c[rows, cols] i32, a[rows] and b[cols] f32, the scales of the left factor's rows and of the right one's
// columns, y[rows, cols] f32.
// Order: f32(c[i, j]) * (a[i] * b[j]); the conversion and both products rounded.
// Error: 2^-22 of the result, or 2^-117 |c|.
// Grid: x ceil(cols / size), y ceil(rows / tall), folded into z.
// include: rows
struct Params { rows: u32, cols: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> c: array<i32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size, tall)
fn dequantise_product(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
                      @builtin(num_workgroups) groups: vec3<u32>) {
  let i = row_of(local, group, groups);
  let j = group.x * size + local.x;
  if (i >= p.rows || j >= p.cols) {
    return;
  }
  y[i * p.cols + j] = f32(c[i * p.cols + j]) * (a[i] * b[j]);
}
