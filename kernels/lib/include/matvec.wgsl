// Products of a matrix in blocks with vectors in blocks of bytes, and how they are shared out: workgroups of size
// invocations, of which lanes neighbours do the parts of a row in turn. One lane a row suits the CPU, many a GPU, whose
// neighbours should read neighbouring words.
override size: u32 = 64;
override lanes: u32 = 1;

struct Params { rows: u32, blocks: u32, vectors: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> weights: array<u32>;
@group(0) @binding(2) var<storage, read> weight_scales: array<u32>;
@group(0) @binding(3) var<storage, read> x: array<u32>;
@group(0) @binding(4) var<storage, read> x_scales: array<u32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

const part_blocks = 8u;
var<workgroup> parts: array<f32, size>;

// The sum of a part's terms, in order.
fn part_of(row: u32, vector: u32, part: u32) -> f32 {
  var sum = 0.0;
  if (row < p.rows) {
    let end = min(part * part_blocks + part_blocks, p.blocks);
    for (var b = part * part_blocks; b < end; b++) {
      let w = row * p.blocks + b;
      let v = vector * p.blocks + b;
      sum += f32(dot_of(w, v)) * (scale_of(weight_scales[w / 2], w) * scale_of(x_scales[v / 2], v));
    }
  }
  return sum;
}

fn multiply(local: u32, group: vec3<u32>, groups: vec3<u32>) {
  let row = (group.x + groups.x * group.z) * (size / lanes) + local / lanes;
  let all = (p.blocks + part_blocks - 1) / part_blocks;
  var sum = 0.0;
  for (var first = 0u; first < all; first += lanes) {
    let part = part_of(row, group.y, first + local % lanes);
    if (lanes == 1) {
      sum += part;
    } else {
      parts[local] = part;
      workgroupBarrier();
      if (local % lanes == 0) {
        for (var i = 0u; i < min(lanes, all - first); i++) {
          sum += parts[local + i];
        }
      }
      workgroupBarrier();
    }
  }
  if (local % lanes == 0 && row < p.rows) {
    y[group.y * p.rows + row] = sum;
  }
}
