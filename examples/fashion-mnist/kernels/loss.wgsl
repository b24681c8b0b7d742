// Softmax and cross-entropy of one mini-batch of logits: the gradient with respect to the logits, and the loss of each
// row added to what stands there. One invocation a row.

struct Batch {
  first: u32,
  rows: u32,
  rate: f32,
}

const classes = 10u;

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>; // four to a word
@group(0) @binding(3) var<storage, read> logits: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> losses: array<f32>;
@group(0) @binding(6) var<storage, read_write> sum_of_losses: f32;

@compute @workgroup_size(16)
fn softmax_cross_entropy(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  if (row >= batch.rows) {
    return;
  }
  let at = row * classes;
  let image = order[batch.first + row];
  let label = (labels[image / 4u] >> (8u * (image % 4u))) & 0xffu;

  // Subtracting the largest logit keeps exp from overflowing and changes nothing else.
  var largest = logits[at];
  for (var c = 1u; c < classes; c++) {
    largest = max(largest, logits[at + c]);
  }
  var sum = 0.0;
  for (var c = 0u; c < classes; c++) {
    sum += exp(logits[at + c] - largest);
  }
  let share = 1.0 / sum;
  let mean = 1.0 / f32(batch.rows);
  for (var c = 0u; c < classes; c++) {
    let wanted = select(0.0, 1.0, c == label);
    gradient[at + c] = (exp(logits[at + c] - largest) * share - wanted) * mean;
  }
  losses[row] += log(sum) - (logits[at + label] - largest);
}

// Takes the sum of all rows' losses and sets them to zero: run by one invocation.
@compute @workgroup_size(1)
fn total() {
  var sum = 0.0;
  for (var row = 0u; row < arrayLength(&losses); row++) {
    sum += losses[row];
    losses[row] = 0.0;
  }
  sum_of_losses = sum;
}
