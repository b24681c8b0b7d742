// adamw: a step of Adam with decoupled weight decay (Loshchilov, Hutter 2019) in place.
// Shapes: n, rate, beta1, beta2, epsilon, decay, correct1, correct2; w[n], g[n], m[n], v[n] f32; the moments m and v are zeros
// before the first step. In step t (the first is 1), correct1 is 1 / (1 - beta1^t) and correct2 is 1 / (1 - beta2^t), each
// worked out in float64 and rounded.
// Order: d = g; u = w * (1 - rate * decay);
// m' = beta1 * m + (1 - beta1) * d; v' = beta2 * v + ((1 - beta2) * d) * d;
// w' = u - rate * ((m' * correct1) / (sqrt(v' * correct2) + epsilon)). Every operation is rounded.
// Error: of w', 2^-21 (|w| + rate r), where r is (|beta1 m| + |(1 - beta1) d|) correct1 / (sqrt(v' correct2) + epsilon).
// Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
// include: adam

@compute @workgroup_size(size)
fn adamw(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
      @builtin(num_workgroups) groups: vec3<u32>) {
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= p.n) {
      return;
    }
    adam_step(i, w[i] * (1.0 - p.rate * p.decay), g[i]);
    i += size;
  }
}
