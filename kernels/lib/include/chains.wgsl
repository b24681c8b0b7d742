// The fixed order in which a row becomes one number. Element i belongs to chain i % 128. A chain takes its elements in
// rising order, beginning with 0 for a sum and -Inf for a maximum. Then chain c is joined with chain c + 64 for each c < 64,
// of those c with c + 32, and so on until one is left.
//
// What the elements are says the text that includes this, in a function of its own that is given what, a and b unchanged:
//
//	fn term(what: u32, row: Row, i: u32, a: f32, b: f32) -> f32
//
// It gives nothing smaller in magnitude than 2^-102 but 0 where it is summed, so that no sum is subnormal. It is called for i
// from row.n on too, for nothing. All invocations of a workgroup come here together.
const chains = 128u;

var<workgroup> chain: array<f32, rows * chains>;
var<workgroup> joined: array<f32, rows * 8>;

fn sum_of_row(row: Row, what: u32, a: f32, b: f32) -> f32 {
  for (var f = 0u; f < chains; f += width) {
    let c = f + row.lane;
    var sum = 0.0;
    for (var k = 0u; k < row.n; k += chains) {
      let i = k + c;
      sum += select(0, term(what, row, i, a, b), i < row.n);
    }
    chain[row.slot * chains + c] = sum;
  }
  workgroupBarrier();
  if (row.lane < 8) {
    let at = row.slot * chains + row.lane;
    let s = (four_chains(at) + four_chains(at + 64)) + (four_chains(at + 32) + four_chains(at + 96));
    let t = s.xy + s.zw;
    joined[8 * row.slot + row.lane] = t.x + t.y;
  }
  workgroupBarrier();
  let s = four_joined(8 * row.slot) + four_joined(8 * row.slot + 4);
  let t = s.xy + s.zw;
  return t.x + t.y;
}

fn max_of_row(row: Row, what: u32, a: f32, b: f32) -> f32 {
  for (var f = 0u; f < chains; f += width) {
    let c = f + row.lane;
    var top = -infinity();
    for (var k = 0u; k < row.n; k += chains) {
      let i = k + c;
      top = max(top, select(-infinity(), term(what, row, i, a, b), i < row.n));
    }
    chain[row.slot * chains + c] = top;
  }
  workgroupBarrier();
  if (row.lane < 8) {
    let at = row.slot * chains + row.lane;
    let s = max(max(four_chains(at), four_chains(at + 64)), max(four_chains(at + 32), four_chains(at + 96)));
    let t = max(s.xy, s.zw);
    joined[8 * row.slot + row.lane] = max(t.x, t.y);
  }
  workgroupBarrier();
  let s = max(four_joined(8 * row.slot), four_joined(8 * row.slot + 4));
  let t = max(s.xy, s.zw);
  return max(t.x, t.y);
}

// Four of the 16 chains that lie 8 apart.
fn four_chains(at: u32) -> vec4<f32> {
  return vec4(chain[at], chain[at + 8], chain[at + 16], chain[at + 24]);
}

fn four_joined(at: u32) -> vec4<f32> {
  return vec4(joined[at], joined[at + 1], joined[at + 2], joined[at + 3]);
}
