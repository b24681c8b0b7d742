// One step of stochastic gradient descent on all parameters at once.

struct Batch {
  first: u32,
  rows: u32,
  rate: f32,
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;

@compute @workgroup_size(64)
fn sgd(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i >= arrayLength(&parameters)) {
    return;
  }
  parameters[i] -= batch.rate * gradients[i];
}
