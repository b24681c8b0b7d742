// A dense layer: out = activation(in * weights + bias), row-major. Every element is one chain of additions in k order.

struct Shape {
  inputs: u32,
  outputs: u32,
}

override relu: bool = false;

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> in: array<f32>;      // rows x inputs
@group(0) @binding(2) var<storage, read> weights: array<f32>; // inputs x outputs
@group(0) @binding(3) var<storage, read> bias: array<f32>;    // outputs
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(32)
fn dense(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let row = group.y;
  let column = id.x;
  if (column >= shape.outputs) {
    return;
  }
  var sum = bias[column];
  for (var k = 0u; k < shape.inputs; k++) {
    sum += in[row * shape.inputs + k] * weights[k * shape.outputs + column];
  }
  if (relu) {
    sum = max(sum, 0.0);
  }
  out[row * shape.outputs + column] = sum;
}
