// Gathers the images of one mini-batch: 8-bit pixels become standardised floats, one row of the output an image.

struct Batch {
  first: u32, // where in order the batch begins
  rows: u32,
  rate: f32,  // learning rate of this step
}

const pixels_per_image = 784u;
const mean = 72.94;              // of Fashion-MNIST's training pixels
const inverse_deviation = 0.01111; // 1 / 90.02

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> pixels: array<u32>; // four to a word, the first in the lowest byte
@group(0) @binding(3) var<storage, read_write> rows: array<f32>;

@compute @workgroup_size(112) // seven workgroups an image
fn gather(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let row = group.y;
  let column = id.x;
  let image = order[batch.first + row];
  let at = image * pixels_per_image + column;
  let pixel = (pixels[at / 4u] >> (8u * (at % 4u))) & 0xffu;
  rows[row * pixels_per_image + column] = (f32(pixel) - mean) * inverse_deviation;
}
