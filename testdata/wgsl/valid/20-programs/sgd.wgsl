// in 0.0: 1.0 2.0 3.0
// in 0.1: 10.0 20.0 30.0
// override: lr=0.5
// expect 0.0: -4.0 -8.0 -12.0
override lr: f32 = 0.1;
@group(0) @binding(0) var<storage, read_write> w: array<f32>;
@group(0) @binding(1) var<storage, read> grad: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) g: vec3u) {
  if (g.x < arrayLength(&w)) { w[g.x] -= lr * grad[g.x]; }
}
