// embedding: y = the rows of a table that n tokens name.
// Shapes: n, vocab, dim; ids[n] u32, table[vocab][dim], y[n][dim] words: f32, or any other.
// Order: y[t] is table[ids[t]], bit for bit; zeros where ids[t] >= vocab.
// Error: none.
// Grid: x ceil(dim / size), y ceil(n / tall), folded into z.
// include: rows
struct Params { n: u32, vocab: u32, dim: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(size, tall)
fn embedding(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
             @builtin(num_workgroups) groups: vec3<u32>) {
  let t = row_of(local, group, groups);
  let c = group.x * size + local.x;
  if (t >= p.n || c >= p.dim) {
    return;
  }
  let id = ids[t];
  var v = 0u;
  if (id < p.vocab) {
    v = table[id * p.dim + c];
  }
  y[t * p.dim + c] = v;
}
