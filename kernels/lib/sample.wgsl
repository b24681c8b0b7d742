// sample: a column of each row, drawn with the probabilities softmax(inverse_temperature x): the greatest of
// inverse_temperature x + g with g from the Gumbel distribution. -Inf and NaN are never drawn; a row of nothing else gives 0.
// A temperature of 0 is argmax. For top-k and top-p see top_k and sample_top.
// Shapes: rows, n, inverse_temperature, seed_low, seed_high, step; x[rows, n] f32, token[rows] u32. Each step draws anew.
// Order: element i of row r has word i / 64 % 4 of Philox4x32-10 at the counter (i / 256 * 64 + i % 64, r, 2, step);
// u = (f32(word >> 9) + 0.5) 2^-23, g = -log(-log(u)), score = x inverse_temperature + g. The first of equal scores wins.
// Error: none but of the probabilities: u has a resolution of 2^-24, so that what is less probable than that may never come.
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: infinity
// include: row
// include: order
// include: winner
// include: philox
struct Params { rows: u32, n: u32, inverse_temperature: f32, seed_low: u32, seed_high: u32, step: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> token: array<u32>;

fn score(x: f32, word: u32) -> u32 {
  let u = (f32(word >> 9) + 0.5) * 0x1p-23;
  return select(order_of(bitcast<u32>(x * p.inverse_temperature - log(-log(u)))), 0, x == -infinity());
}

@compute @workgroup_size(width, rows)
fn sample(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
          @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups, p.rows, p.n);
  var best = 0u;
  var at = none;
  for (var b = 0u; b < row.n; b += 256) {
    for (var f = 0u; f < 64; f += width) {
      let l = f + row.lane;
      let words = philox(vec4(b / 4 + l, row.index, 2, p.step), vec2(p.seed_low, p.seed_high));
      for (var j = 0u; j < 4; j++) {
        let i = b + 64 * j + l;
        let key = select(0, score(x[row.start + i], words[j]), i < row.n);
        at = select(at, i, key > best);
        best = max(best, key);
      }
    }
  }
  at = winner(row, best, at);
  if (row.lane == 0 && row.there) {
    token[row.index] = select(at, 0, at == none);
  }
}
