// The backward pass of a dense layer. Every element is one chain of additions in the order of the summed index.

struct Shape {
  inputs: u32,
  outputs: u32,
}

struct Batch {
  first: u32,
  rows: u32,
  rate: f32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<uniform> batch: Batch;
@group(0) @binding(2) var<storage, read> in: array<f32>;       // rows x inputs
@group(0) @binding(3) var<storage, read> upstream: array<f32>; // rows x outputs
@group(0) @binding(4) var<storage, read_write> result: array<f32>;
@group(0) @binding(5) var<storage, read> weights: array<f32>;  // inputs x outputs

fn put(input: u32, output: u32, value: f32) {
  if (input < shape.inputs) {
    result[input * shape.outputs + output] = value;
  }
}

// weight gradient = transpose(in) * upstream, inputs x outputs: four inputs an invocation, which share what they load of
// upstream
@compute @workgroup_size(32)
fn weight_gradient(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let output = id.x;
  if (output >= shape.outputs) {
    return;
  }
  var sum = vec4<f32>(0.0);
  var at = 4u * group.y;
  for (var row = 0u; row < batch.rows; row++) {
    sum += vec4<f32>(in[at], in[at + 1u], in[at + 2u], in[at + 3u]) * upstream[row * shape.outputs + output];
    at += shape.inputs;
  }
  put(4u * group.y, output, sum.x);
  put(4u * group.y + 1u, output, sum.y);
  put(4u * group.y + 2u, output, sum.z);
  put(4u * group.y + 3u, output, sum.w);
}

// bias gradient = column sums of upstream
@compute @workgroup_size(32)
fn bias_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let output = id.x;
  if (output >= shape.outputs) {
    return;
  }
  var sum = 0.0;
  for (var row = 0u; row < batch.rows; row++) {
    sum += upstream[row * shape.outputs + output];
  }
  result[output] = sum;
}

// input gradient = upstream * transpose(weights), rows x inputs, where in is what a relu gave: it passes nothing back
// where it gave zero
@compute @workgroup_size(32)
fn relu_input_gradient(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let row = group.y;
  let input = id.x;
  if (input >= shape.inputs) {
    return;
  }
  var sum = 0.0;
  if (in[row * shape.inputs + input] > 0.0) {
    for (var output = 0u; output < shape.outputs; output++) {
      sum += upstream[row * shape.outputs + output] * weights[input * shape.outputs + output];
    }
  }
  result[row * shape.inputs + input] = sum;
}
