// in 0.1: 1.0 1.0 1.0 1.0 2.0 2.0 2.0 2.0
// in 0.2: 0 3
// in 0.3: 2 4
// expect 0.0: 1.3862944 1.3862944
struct Shape { rows: u32, cols: u32 }
@group(0) @binding(0) var<storage, read_write> loss: array<f32>;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> label: array<u32>;
@group(0) @binding(3) var<uniform> shape: Shape;
@compute @workgroup_size(2) fn main(@builtin(global_invocation_id) g: vec3u) {
  let row = g.x;
  if (row >= shape.rows) { return; }
  let base = row * shape.cols;
  var top = logits[base];
  for (var c = 1u; c < shape.cols; c++) { top = max(top, logits[base + c]); }
  var sum = 0.0;
  for (var c = 0u; c < shape.cols; c++) { sum += exp(logits[base + c] - top); }
  loss[row] = log(sum) - (logits[base + label[row]] - top);
}
