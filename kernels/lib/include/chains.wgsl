// The fixed order in which a row becomes one number. Element i belongs to chain i % 128. A chain takes its elements in
// rising order, beginning with 0 for a sum and -Inf for a maximum. Then chain c is joined with chain c + 64 for each c < 64,
// of those c with c + 32, and so on until one is left.
//
// The invocations of a row put all 128 chains and then join them, which is a barrier: all of a workgroup come to it.
const chains = 128u;

var<workgroup> chain: array<f32, rows * chains>;
var<workgroup> joined: array<f32, rows * 8>;

fn put_chain(local: vec3<u32>, c: u32, v: f32) {
  chain[local.y * chains + c] = v;
}

// Four of the 16 chains that lie 8 apart.
fn four_chains(at: u32) -> vec4<f32> {
  return vec4(chain[at], chain[at + 8], chain[at + 16], chain[at + 24]);
}

fn four_joined(at: u32) -> vec4<f32> {
  return vec4(joined[at], joined[at + 1], joined[at + 2], joined[at + 3]);
}

fn sum_of_chains(local: vec3<u32>) -> f32 {
  workgroupBarrier();
  if (local.x < 8) {
    let at = local.y * chains + local.x;
    let s = (four_chains(at) + four_chains(at + 64)) + (four_chains(at + 32) + four_chains(at + 96));
    let t = s.xy + s.zw;
    joined[8 * local.y + local.x] = t.x + t.y;
  }
  workgroupBarrier();
  let s = four_joined(8 * local.y) + four_joined(8 * local.y + 4);
  let t = s.xy + s.zw;
  return t.x + t.y;
}

fn max_of_chains(local: vec3<u32>) -> f32 {
  workgroupBarrier();
  if (local.x < 8) {
    let at = local.y * chains + local.x;
    let s = max(max(four_chains(at), four_chains(at + 64)), max(four_chains(at + 32), four_chains(at + 96)));
    let t = max(s.xy, s.zw);
    joined[8 * local.y + local.x] = max(t.x, t.y);
  }
  workgroupBarrier();
  let s = max(four_joined(8 * local.y), four_joined(8 * local.y + 4));
  let t = max(s.xy, s.zw);
  return max(t.x, t.y);
}
