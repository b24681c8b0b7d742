// Classifies a batch of logits: the class of the largest logit (the first of equals) for each row, and how many rows
// got the class of their label.

struct Batch {
  first: u32,
  rows: u32,
  rate: f32,
}

const classes = 10u;

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>; // four to a word
@group(0) @binding(3) var<storage, read_write> predictions: array<u32>;
@group(0) @binding(4) var<storage, read_write> correct: atomic<u32>;

@compute @workgroup_size(16)
fn classify(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  if (row >= batch.rows) {
    return;
  }
  let image = batch.first + row;
  var best = 0u;
  for (var c = 1u; c < classes; c++) {
    if (logits[row * classes + c] > logits[row * classes + best]) {
      best = c;
    }
  }
  predictions[image] = best;
  let label = (labels[image / 4u] >> (8u * (image % 4u))) & 0xffu;
  atomicAdd(&correct, select(0u, 1u, best == label));
}
