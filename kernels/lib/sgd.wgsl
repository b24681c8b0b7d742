// sgd: a step of stochastic gradient descent with momentum, in place.
// Shapes: n, rate, momentum, decay; w[n], g[n], v[n] f32; v, the velocity, is zeros before the first step.
// Order: d = g + decay * w; v' = momentum * v + d; w' = w - rate * v', or with the override nesterov
// w - rate * (d + momentum * v'). Every product is rounded, then the sum.
// Error: 2^-22 (|w| + rate (|g| + |decay w| + |momentum v|) (1 + momentum)).
// Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
override nesterov: bool = false;

struct Params { n: u32, rate: f32, momentum: f32, decay: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> w: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> v: array<f32>;

@compute @workgroup_size(size)
fn sgd(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
       @builtin(num_workgroups) groups: vec3<u32>) {
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= p.n) {
      return;
    }
    let d = g[i] + p.decay * w[i];
    let velocity = p.momentum * v[i] + d;
    var step = velocity;
    if (nesterov) {
      step = d + p.momentum * velocity;
    }
    v[i] = velocity;
    w[i] = w[i] - p.rate * step;
    i += size;
  }
}
