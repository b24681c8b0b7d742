// matvec_q8: products of a matrix of weights in blocks of 32 bytes with vectors in blocks of bytes.
// Shapes: rows, blocks in a row, vectors; weights[rows][blocks][8] words and weight_scales[rows][blocks], two in a word, as
// quantise_q8 writes them, x[vectors][blocks][8] words and x_scales[vectors][blocks], two in a word, as quantise_q8 does,
// y[vectors][rows] f32. Block b of row r has the scale r blocks + b, so a row may begin in the middle of a word of scales.
// Order: the integers of a block are multiplied and summed exactly; term = f32(that) * (scale of the weights * scale of x), where the
// product of the scales is exact. part = +0; part = part + term over 8 blocks, 256 weights, in order; y = +0; y = y + part.
// Error: (min(blocks, 8) + ceil(blocks / 8) + 1) 2^-24 times the sum of the terms' magnitudes.
// Grid: x ceil(rows / (size / lanes)), folded into z, y vectors.
// include: half
// include: blocks
// include: matvec
fn dot_of(w: u32, v: u32) -> i32 {
  var sum = 0i;
  for (var i = 0u; i < 8; i++) {
    sum += dot4I8Packed(weights[8 * w + i], x[8 * v + i]);
  }
  return sum;
}

@compute @workgroup_size(size)
fn matvec_q8(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
             @builtin(num_workgroups) groups: vec3<u32>) {
  multiply(local, group, groups);
}
