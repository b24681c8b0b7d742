// A dense layer: out = activation(in * weights + bias), row-major. Every element is one chain of additions in k order, so
// how many rows an invocation does changes speed only: four, which share each weight they load.

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

fn put(row: u32, column: u32, value: f32) {
  let at = row * shape.outputs + column;
  if (at < arrayLength(&out)) {
    out[at] = value;
  }
}

@compute @workgroup_size(32)
fn dense(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let column = id.x;
  let rows = 4u * group.y + vec4<u32>(0u, 1u, 2u, 3u);
  if (column >= shape.outputs) {
    return;
  }
  var sum = vec4<f32>(bias[column]);
  var at = rows * shape.inputs; // past the last row there is nothing to read and nothing to write
  for (var k = 0u; k < shape.inputs; k++) {
    sum += vec4<f32>(in[at.x], in[at.y], in[at.z], in[at.w]) * weights[k * shape.outputs + column];
    at += 1u;
  }
  if (relu) {
    sum = max(sum, vec4<f32>(0.0));
  }
  put(rows.x, column, sum.x);
  put(rows.y, column, sum.y);
  put(rows.z, column, sum.z);
  put(rows.w, column, sum.w);
}
