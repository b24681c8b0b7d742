// embedding_backward: the gradient of an embedding's table.
// Shapes: n, vocab, dim; head[vocab] and next[n] u32 from embedding_index, dy[n][dim], dtable[vocab][dim] f32.
// Order: dtable[v][c] is one chain of sums over the tokens t that name v, in token order: from +0, or with the override
// accumulate from what dtable[v][c] was, plus dy[t][c] each. So a row that no token names becomes +0, or stays.
// Error: k 2^-24 (1 + k 2^-24) times the sum of the magnitudes of the k numbers added.
// Grid: x ceil(dim / size), y ceil(vocab / tall), folded into z.
// include: rows
override accumulate: bool = false;

struct Params { n: u32, vocab: u32, dim: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> head: array<u32>;
@group(0) @binding(2) var<storage, read> next: array<u32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dtable: array<f32>;

@compute @workgroup_size(size, tall)
fn embedding_backward(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
                      @builtin(num_workgroups) groups: vec3<u32>) {
  let v = row_of(local, group, groups);
  let c = group.x * size + local.x;
  if (v >= p.vocab || c >= p.dim) {
    return;
  }
  var sum = 0.0;
  if (accumulate) {
    sum = dtable[v * p.dim + c];
  }
  var t = p.n - head[v];
  while (t < p.n) {
    sum += dy[t * p.dim + c];
    t = next[t];
  }
  dtable[v * p.dim + c] = sum;
}
