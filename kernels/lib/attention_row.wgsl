// attention_row: what attention computes, bit for bit, with a workgroup for each query and head: for generation, where a long cache
// meets one query. It reads the keys once for each query head, so attention is faster where there are many queries.
// Shapes: as of attention.
// Order: as of attention.
// Error: as of attention.
// Grid: x heads, y n, z batch.
// include: domain
// include: infinity
override size: u32 = 64; // a multiple of 32: the keys that are scored at a time
override dim: u32 = 64; // of a head, at most 256
override causal: bool = false;

const wide = 32u;
override blocks: u32 = size / wide;

struct Params { batch: u32, n: u32, capacity: u32, heads: u32, kv_heads: u32, scale: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> lengths: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> q: array<f32>;
@group(0) @binding(3) var<storage, read> k: array<f32>;
@group(0) @binding(4) var<storage, read> v: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> most: array<f32>;
@group(0) @binding(7) var<storage, read_write> sum: array<f32>;

var<workgroup> query: array<f32, dim>;
var<workgroup> scores: array<f32, size>;
var<workgroup> weights: array<f32, size>;
var<workgroup> maxima: array<f32, blocks>;
var<workgroup> factors: array<f32, blocks>;
var<private> kept: array<f32, 8>; // columns local, local + size ...

@compute @workgroup_size(size)
fn attention_row(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let row = (group.z * p.n + group.y) * p.heads + group.x;
  let first_key = group.z * p.capacity * p.kv_heads + group.x / (p.heads / p.kv_heads);
  var sees = min(lengths[group.z].y, p.capacity);
  if (causal) {
    sees = min(sees, lengths[group.z].x + group.y + 1);
  }
  for (var c = local; c < dim; c += size) {
    query[c] = domain(q[row * dim + c]);
  }
  var m = -infinity(); // the greatest of the blocks done, the same in all invocations, as is total
  var total = 0.0;
  for (var first = 0u; first < sees; first += size) {
    workgroupBarrier();
    let key = first + local;
    var s = 0.0;
    if (key < sees) {
      let at = (first_key + key * p.kv_heads) * dim;
      for (var c = 0u; c < dim; c++) {
        s += query[c] * domain(k[at + c]);
      }
    }
    s = p.scale * s;
    scores[local] = s;
    workgroupBarrier();
    if (local < blocks) {
      var greatest = -infinity();
      for (var j = 0u; j < wide; j++) {
        if (first + local * wide + j < sees) {
          greatest = max(greatest, scores[local * wide + j]);
        }
      }
      maxima[local] = greatest;
    }
    workgroupBarrier();
    var mine = m; // the greatest up to this invocation's block
    for (var b = 0u; b <= local / wide; b++) {
      mine = max(mine, maxima[b]);
    }
    weights[local] = 0.0;
    if (key < sees) {
      weights[local] = domain(exp(s - mine));
    }
    if (local < blocks) {
      var before = m;
      for (var b = 0u; b < local; b++) {
        before = max(before, maxima[b]);
      }
      let after = max(before, maxima[local]);
      factors[local] = select(exp(before - after), 1.0, before == after);
    }
    for (var b = 0u; b < blocks; b++) {
      m = max(m, maxima[b]);
    }
    workgroupBarrier();
    for (var j = 0u; j < min(size, sees - first); j++) {
      let a = factors[j / wide];
      if (j % wide == 0 && a != 1.0) {
        total = domain(total) * domain(a);
        for (var i = 0u; i < (dim + size - 1) / size; i++) {
          kept[i] = domain(kept[i]) * domain(a);
        }
      }
      let w = weights[j];
      if (w != 0.0) {
        total += w;
        for (var i = 0u; i < (dim + size - 1) / size; i++) {
          kept[i] += w * domain(v[(first_key + (first + j) * p.kv_heads) * dim + local + i * size]);
        }
      }
    }
  }
  for (var c = local; c < dim; c += size) {
    y[row * dim + c] = select(kept[c / size] / total, 0.0, total == 0.0);
  }
  if (local == 0) {
    most[row] = m;
    sum[row] = total;
  }
}
