// cache_append: writes the keys, or the values, of new tokens behind those that a cache holds.
// Shapes: batch, n new tokens in each, capacity, width (heads times their size); start[batch] u32, x[batch][n][width] words,
// cache[batch][capacity][width] words.
// Order: cache[b][start[b] + i] becomes x[b][i], bit for bit, where start[b] + i < capacity; all else stays.
// Error: none.
// Grid: x ceil(width / size), y ceil(batch * n / tall), folded into z.
// include: rows
struct Params { batch: u32, n: u32, capacity: u32, width: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> start: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read_write> cache: array<u32>;

@compute @workgroup_size(size, tall)
fn cache_append(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
                @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups);
  let c = group.x * size + local.x;
  if (row >= p.batch * p.n || c >= p.width) {
    return;
  }
  let b = row / p.n;
  let i = row % p.n;
  let first = start[b];
  if (first < p.capacity && i < p.capacity - first) {
    cache[(b * p.capacity + first + i) * p.width + c] = x[row * p.width + c];
  }
}
