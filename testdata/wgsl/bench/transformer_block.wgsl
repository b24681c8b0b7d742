// One token through one block of a transformer: RMS norm, attention with rotary positions and grouped keys, a gated
// feed-forward layer, two residual sums. One workgroup does one head's share. It is here to be compiled: about 300
// lines of ordinary code, with helper functions, loops, structures, pointers, overrides and workgroup memory.

struct Shape {
  width: u32, // of the residual stream
  heads: u32,
  groups: u32, // of heads that share keys and values
  hidden: u32, // of the feed-forward layer
  position: u32,
  context: u32, // rows of the key and value caches
  epsilon: f32,
  scale: f32,
}

struct Row {
  start: u32,
  count: u32,
}

struct Moments {
  sum: f32,
  squares: f32,
  largest: f32,
}

struct Step {
  keep: f32,
  weight: f32,
}

override lanes: u32 = 64;
override use_gate: bool = true;
override rope_base: f32 = 10000.0;

const head_width = 64u;
const half_head = head_width / 2;
const max_context = 512u;
const max_width = 256u;
const lowest = -3.0e38;

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> hidden_in: array<f32>;
@group(0) @binding(2) var<storage, read> norm_weight: array<f32>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read> packed_weights: array<u32>;
@group(0) @binding(5) var<storage, read_write> keys: array<f32>;
@group(0) @binding(6) var<storage, read_write> values: array<f32>;
@group(0) @binding(7) var<storage, read_write> result: array<f32>;

var<workgroup> stream: array<f32, max_width>;
var<workgroup> query: array<f32, head_width>;
var<workgroup> key: array<f32, head_width>;
var<workgroup> value: array<f32, head_width>;
var<workgroup> scores: array<f32, max_context>;
var<workgroup> shares: array<f32, lanes>;
var<workgroup> mixed: array<f32, head_width>;
var<private> moments: Moments;

fn row_of(index: u32, count: u32, parts: u32) -> Row {
  let base = count / parts;
  let extra = count % parts;
  var row: Row;
  row.start = index * base + min(index, extra);
  row.count = base + select(0u, 1u, index < extra);
  return row;
}

// tree_sum adds what the lanes put into shares; every lane gets the sum.
fn tree_sum(lane: u32) -> f32 {
  workgroupBarrier();
  var width = lanes / 2;
  while width > 0 {
    if lane < width {
      shares[lane] += shares[lane + width];
    }
    width /= 2;
    workgroupBarrier();
  }
  let sum = shares[0];
  workgroupBarrier();
  return sum;
}

fn tree_max(lane: u32) -> f32 {
  workgroupBarrier();
  var width = lanes / 2;
  while width > 0 {
    if lane < width {
      shares[lane] = max(shares[lane], shares[lane + width]);
    }
    width /= 2;
    workgroupBarrier();
  }
  let largest = shares[0];
  workgroupBarrier();
  return largest;
}

fn note_moment(m: ptr<private, Moments>, x: f32) {
  (*m).sum += x;
  (*m).squares = fma(x, x, (*m).squares);
  (*m).largest = max((*m).largest, abs(x));
}

// load_stream reads the residual stream and normalises it.
fn load_stream(lane: u32, which: u32) {
  moments = Moments(0.0, 0.0, 0.0);
  for (var i = lane; i < shape.width; i += lanes) {
    let x = hidden_in[i];
    note_moment(&moments, x);
    stream[min(i, max_width - 1)] = x;
  }
  shares[lane] = moments.squares;
  let squares = tree_sum(lane);
  let inverse = inverseSqrt(squares / f32(shape.width) + shape.epsilon);
  for (var i = lane; i < shape.width; i += lanes) {
    let slot = min(i, max_width - 1);
    stream[slot] = stream[slot] * inverse * norm_weight[which * shape.width + i];
  }
  workgroupBarrier();
}

// dense is one output of a dense layer: four columns at a time.
fn dense(offset: u32, row: u32) -> f32 {
  let quads = shape.width / 4;
  let base = offset + row * quads;
  var sum = vec4f();
  for (var q = 0u; q < quads; q++) {
    let w = weights[base + q];
    let at = q * 4;
    let x = vec4f(stream[at], stream[at + 1], stream[at + 2], stream[at + 3]);
    sum += w * x;
  }
  return (sum.x + sum.y) + (sum.z + sum.w);
}

// quantised is the same with weights of eight bits, four in a word, and a scale for each row.
fn quantised(offset: u32, row: u32, scale: f32) -> f32 {
  let words = shape.width / 4;
  var sum = 0.0;
  for (var w = 0u; w < words; w++) {
    let bytes = unpack4xI8(packed_weights[offset + row * words + w]);
    let at = w * 4;
    sum += f32(bytes.x) * stream[at];
    sum += f32(bytes.y) * stream[at + 1];
    sum += f32(bytes.z) * stream[at + 2];
    sum += f32(bytes.w) * stream[at + 3];
  }
  return sum * scale;
}

fn rotate(pair: vec2f, index: u32) -> vec2f {
  let exponent = -2.0 * f32(index) / f32(head_width);
  let angle = f32(shape.position) * exp2(exponent * log2(rope_base));
  let turn = vec2f(cos(angle), sin(angle));
  let m = mat2x2f(turn.x, turn.y, -turn.y, turn.x);
  return m * pair;
}

fn rotate_head(p: ptr<workgroup, array<f32, head_width>>, lane: u32) {
  for (var i = lane; i < half_head; i += lanes) {
    let pair = rotate(vec2f((*p)[i], (*p)[i + half_head]), i);
    (*p)[i] = pair.x;
    (*p)[i + half_head] = pair.y;
  }
  workgroupBarrier();
}

// project fills query, key and value of this head.
fn project(lane: u32, head: u32) {
  let quads = shape.width / 4;
  let group = head / max(shape.groups, 1u);
  let key_offset = shape.heads * head_width * quads;
  let value_offset = key_offset + shape.heads / max(shape.groups, 1u) * head_width * quads;
  for (var i = lane; i < head_width; i += lanes) {
    query[i] = dense(0, head * head_width + i);
    key[i] = dense(key_offset, group * head_width + i);
    value[i] = dense(value_offset, group * head_width + i);
  }
  workgroupBarrier();
  rotate_head(&query, lane);
  rotate_head(&key, lane);
  let cache = (group * shape.context + shape.position) * head_width;
  for (var i = lane; i < head_width; i += lanes) {
    keys[cache + i] = key[i];
    values[cache + i] = value[i];
  }
  storageBarrier();
}

fn score(group: u32, at: u32) -> f32 {
  if at == shape.position {
    var same = 0.0;
    for (var i = 0u; i < head_width; i++) {
      same += query[i] * key[i];
    }
    return same * shape.scale;
  }
  let cache = (group * shape.context + at) * head_width;
  var sum = 0.0;
  for (var i = 0u; i < head_width; i++) {
    sum += query[i] * keys[cache + i];
  }
  return sum * shape.scale;
}

fn softmax(lane: u32, count: u32) {
  var largest = lowest;
  for (var i = lane; i < count; i += lanes) {
    largest = max(largest, scores[i]);
  }
  shares[lane] = largest;
  largest = tree_max(lane);
  var sum = 0.0;
  for (var i = lane; i < count; i += lanes) {
    let e = exp(scores[i] - largest);
    scores[i] = e;
    sum += e;
  }
  shares[lane] = sum;
  sum = tree_sum(lane);
  for (var i = lane; i < count; i += lanes) {
    scores[i] /= sum;
  }
  workgroupBarrier();
}

fn attend(lane: u32, head: u32) {
  let group = head / max(shape.groups, 1u);
  let count = min(shape.position + 1, max_context);
  for (var t = lane; t < count; t += lanes) {
    scores[t] = score(group, t);
  }
  workgroupBarrier();
  softmax(lane, count);
  for (var i = lane; i < head_width; i += lanes) {
    var sum = 0.0;
    for (var t = 0u; t < count; t++) {
      let cache = (group * shape.context + t) * head_width;
      sum += scores[t] * select(values[cache + i], value[i], t == shape.position);
    }
    mixed[i] = sum;
  }
  workgroupBarrier();
}

fn activation(kind: u32, x: f32) -> f32 {
  switch kind {
    case 0: {
      return max(x, 0.0);
    }
    case 1: {
      return x / (1.0 + exp(-x));
    }
    case 2: {
      let inner = 0.7978845608 * (x + 0.044715 * x * x * x);
      return 0.5 * x * (1.0 + tanh(inner));
    }
    default: {
      return x;
    }
  }
}

fn feed_forward(lane: u32, row: Row, offset: u32) -> f32 {
  var total = 0.0;
  for (var i = lane; i < row.count; i += lanes) {
    let at = row.start + i;
    let up = quantised(offset, at, 0.0078125);
    var gate = 1.0;
    if use_gate {
      gate = activation(1, quantised(offset + shape.hidden * shape.width / 4, at, 0.0078125));
    }
    let h = gate * up;
    if h != h || abs(h) > 1e30 {
      continue;
    }
    total += h;
  }
  shares[lane] = total;
  return tree_sum(lane);
}

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let head = group.x;
  load_stream(lane, 0);
  project(lane, head);
  attend(lane, head);
  for (var i = lane; i < head_width; i += lanes) {
    let at = head * head_width + i;
    if at < shape.width {
      result[at] = hidden_in[at] + mixed[i];
    }
  }
  load_stream(lane, 1);
  let part = feed_forward(lane, row_of(head, shape.hidden, shape.heads), 0);
  if lane == 0 {
    result[shape.width + head] = part;
  }
}
