// quantise_rows: the rows of a matrix to bytes, with a scale each: by output channel for weights [out, in].
// Shapes: rows, cols (a multiple of 4); x[rows, cols] f32, quants[rows, cols] int8, four in a word, the first in the lowest bits
// (as matmul_i8 takes them), scales[rows] f32.
// Order: d = the greatest magnitude of the row / 127; r = 1 / d, 0 for d = 0; the integer is x * r, rounded, rounded to even, between
// -127 and 127. Where a row has an Inf or a NaN its d is the NaN and its integers 0.
// Error: 0.501 d + 2^-142.
// Grid: rows, folded into y.
// include: steps
override size: u32 = 64;

struct Params { rows: u32, cols: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> quants: array<u32>;
@group(0) @binding(3) var<storage, read_write> scales: array<f32>;

var<workgroup> part: array<u32, size>;

@compute @workgroup_size(size)
fn quantise_rows(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
                 @builtin(num_workgroups) groups: vec3<u32>) {
  let row = group.y * groups.x + group.x;
  if (row >= p.rows) {
    return;
  }
  var most = 0u; // magnitudes are in the order of their bits, and NaNs above all
  for (var c = local; c < p.cols; c += size) {
    most = max(most, bitcast<u32>(x[row * p.cols + c]) & 0x7fffffff);
  }
  part[local] = most;
  workgroupBarrier();
  for (var i = 0u; i < size; i++) {
    most = max(most, part[i]);
  }
  let broken = most >= 0x7f800000;
  let d = bitcast<f32>(select(bitcast<u32>(bitcast<f32>(most) / 127.0), 0x7fc00000, broken));
  let r = inverse(d);
  for (var w = local; w < p.cols / 4; w += size) {
    var word = 0u;
    for (var i = 0u; i < 4; i++) {
      word |= (bitcast<u32>(steps(x[row * p.cols + 4 * w + i], r, -127, 127)) & 255) << (8 * i);
    }
    quants[row * (p.cols / 4) + w] = select(word, 0, broken);
  }
  if (local == 0) {
    scales[row] = d;
  }
}
