// rotary_frequencies: how fast each pair of a head turns, base^(-i/n), for rotary_table.
// Shapes: n pairs, base; frequency[n] f32. A model with frequencies of its own brings them instead.
// Order: exp2(-((f32(i) / f32(n)) * log2(base))).
// Error: (1 + 2.2 e) 2^-24 of the result, where e = (i/n) log2(base).
// Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
struct Params { n: u32, base: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> frequency: array<f32>;

@compute @workgroup_size(size)
fn rotary_frequencies(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
                      @builtin(num_workgroups) groups: vec3<u32>) {
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= p.n) {
      return;
    }
    frequency[i] = exp2(-((f32(i) / f32(p.n)) * log2(p.base)));
    i += size;
  }
}
