// rotary_table: the cosines and sines that rotary turns by, a row for each position.
// Shapes: rows, n pairs, first; frequency[n], cosine[rows][n], sine[rows][n] f32. Row r is for position first + r.
// Order: angle = f32(first + r) * frequency[i]; cos(angle) and sin(angle).
// Error: |angle| 2^-24 + 2^-24 for the frequencies given, and positions below 2^24.
// Grid: x ceil(n / size), y ceil(rows / tall), folded into z.
// include: rows
struct Params { rows: u32, n: u32, first: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> frequency: array<f32>;
@group(0) @binding(2) var<storage, read_write> cosine: array<f32>;
@group(0) @binding(3) var<storage, read_write> sine: array<f32>;

@compute @workgroup_size(size, tall)
fn rotary_table(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
                @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups);
  let i = group.x * size + local.x;
  if (row >= p.rows || i >= p.n) {
    return;
  }
  let angle = f32(p.first + row) * frequency[i];
  cosine[row * p.n + i] = cos(angle);
  sine[row * p.n + i] = sin(angle);
}
