// embedding_index: for each row of a table the tokens that name it, as lists in token order, for embedding_backward.
// Shapes: n, vocab; ids[n] u32, head[vocab] u32, zeros before, next[n] u32.
// Order: head[v] is n - t for the first token t that names v, and stays 0 where none does; next[t] is the first token after t
// that names the same row, n where there is none or ids[t] >= vocab.
// Error: none.
// Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
struct Params { n: u32, vocab: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> head: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> next: array<u32>;

@compute @workgroup_size(size)
fn embedding_index(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
                   @builtin(num_workgroups) groups: vec3<u32>) {
  var t = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (t >= p.n) {
      return;
    }
    let id = ids[t];
    var u = p.n;
    if (id < p.vocab) {
      atomicMax(&head[id], p.n - t);
      u = t + 1u;
      while (u < p.n) {
        if (ids[u] == id) {
          break;
        }
        u++;
      }
    }
    next[t] = u;
    t += size;
  }
}
