// What the kernels of attention share: who does what, which keys a query sees, and products of rows by blocks of 32 rows.
//
// A workgroup owns size/4 rows of one matrix and goes through blocks of 32 rows of another. Invocations stand 32 across; each has 8 of
// the owned rows and one of every 32 columns. The matrices are queries, whose rows are the queries of the heads that share a key
// head, in the order of queries, then heads; and keys. Few operations stand in the text more than once or twice: drivers inline what
// a flushing adapter needs for each.
override size: u32 = 128; // at most 128
override dim: u32 = 64; // of a head, at most 256
override causal: bool = false;
override high: u32 = size / 4;

const wide = 32u;
const stride = 33u; // of rows in workgroup memory, so that neighbouring rows lie in different banks

struct Params { batch: u32, n: u32, capacity: u32, heads: u32, kv_heads: u32, scale: f32 }

@group(0) @binding(0) var<uniform> p: Params;
// For each of the batch: the position of its first query, and how many keys it has.
@group(0) @binding(1) var<storage, read> lengths: array<vec2<u32>>;

// part holds a part of the owned rows, by rows, then the weights of the block, by its rows: nothing outside the domain of products, so
// that compilers see that no product of it needs a guard. block holds a part of the block's rows, by columns, then products, by the
// block's rows, and results, by owned rows.
var<workgroup> part: array<f32, (high + 1) * stride>;
var<workgroup> block: array<f32, wide * stride>;

// What a workgroup does, and what an invocation: rows y to y + 7 and columns x, x + 32 ...
struct Place { batch: u32, kv_head: u32, first: u32 }
struct Seat { local: u32, x: u32, y: u32 }

// Numbers of an invocation's rows in one column.
struct Eight { a: vec4<f32>, b: vec4<f32> }

// The sums that an invocation makes, for each of its columns.
var<private> kept: array<vec4<f32>, 16>;

fn place_of(group: vec3<u32>) -> Place {
  return Place(group.z, group.y, group.x * high);
}

fn seat_of(local: u32) -> Seat {
  return Seat(local, local % wide, local / wide * 8);
}

fn group_heads() -> u32 {
  return p.heads / p.kv_heads;
}

fn query_rows() -> u32 {
  return p.n * group_heads();
}

// The row of a query among all queries and heads.
fn query_at(at: Place, row: u32) -> u32 {
  let g = group_heads();
  return (at.batch * p.n + row / g) * p.heads + at.kv_head * g + row % g;
}

fn key_at(at: Place, key: u32) -> u32 {
  return (at.batch * p.capacity + key) * p.kv_heads + at.kv_head;
}

fn keys_of(at: Place) -> u32 {
  return min(lengths[at.batch].y, p.capacity);
}

// How many keys, from the first on, the query of a row sees.
fn seen_by(at: Place, row: u32) -> u32 {
  var keys = keys_of(at);
  if (causal) {
    keys = min(keys, lengths[at.batch].x + row / group_heads() + 1);
  }
  return select(0, keys, row < query_rows());
}

// The products of the owned rows with row first + x of another matrix: each one chain, columns ascending. Rows and columns past the
// end may be anything, for their products are not used.
fn products(at: Place, me: Seat, matrix: u32, first: u32) -> Eight {
  var s: Eight;
  for (var start = 0u; start < dim; start += wide) {
    workgroupBarrier();
    for (var i = me.local; i < high * wide; i += size) {
      part[i / wide * stride + i % wide] = domain(owned(at, matrix, at.first + i / wide, start + i % wide));
    }
    for (var i = me.local; i < wide * wide; i += size) {
      block[i % wide * stride + i / wide] = other(at, matrix, first + i / wide, start + i % wide);
    }
    workgroupBarrier();
    for (var c = 0u; c < min(wide, dim - start); c++) {
      let k = c % wide; // compilers see that it is within the arrays
      let l = eight(me, k);
      let r = domain(block[k * stride + me.x]);
      s.a += l.a * r;
      s.b += l.b * r;
    }
  }
  return s;
}

fn eight(me: Seat, column: u32) -> Eight {
  let i = me.y * stride + column;
  return Eight(vec4(part[i], part[i + stride], part[i + 2 * stride], part[i + 3 * stride]),
    vec4(part[i + 4 * stride], part[i + 5 * stride], part[i + 6 * stride], part[i + 7 * stride]));
}

// Puts numbers into block, where all can read them, a step from row to row and one from column to column apart. What was in part
// before is done with too.
fn put(me: Seat, v: Eight, row: u32, column: u32) {
  workgroupBarrier();
  let i = me.y * row + me.x * column;
  block[i] = v.a.x;
  block[i + row] = v.a.y;
  block[i + 2 * row] = v.a.z;
  block[i + 3 * row] = v.a.w;
  block[i + 4 * row] = v.b.x;
  block[i + 5 * row] = v.b.y;
  block[i + 6 * row] = v.b.z;
  block[i + 7 * row] = v.b.w;
  workgroupBarrier();
}

// Where the weight of an owned row and a row of the block stands.
fn weight_at(row: u32, j: u32) -> u32 {
  return j * (high + 1) + row;
}

fn put_products(me: Seat, v: Eight) {
  put(me, v, 1, high + 1);
}

fn put_results(me: Seat, v: Eight) {
  put(me, v, stride, 1);
}

fn result_at(i: u32) -> f32 {
  return block[i / wide * stride + i % wide];
}

// Adds the weights times the rows first to first + count - 1 of a matrix to sums of column start + x, in the order of the
// rows, leaving out terms whose weight is 0.
fn accumulate(at: Place, me: Seat, matrix: u32, first: u32, count: u32, start: u32) {
  var s = kept_at(start);
  for (var j = 0u; j < count; j++) {
    let i = weight_at(me.y, j % wide);
    var w = Eight(vec4(part[i], part[i + 1], part[i + 2], part[i + 3]), vec4(part[i + 4], part[i + 5], part[i + 6], part[i + 7]));
    let r = domain(other(at, matrix, first + j, start + me.x));
    if (all(w.a != vec4(0.0)) && all(w.b != vec4(0.0))) {
      s.a += w.a * r;
      s.b += w.b * r;
      continue;
    }
    for (var half = 0u; half < 2; half++) {
      let sum = select(s.a + w.a * r, s.a, w.a == vec4(0.0));
      s = Eight(s.b, sum);
      w = Eight(w.b, w.a);
    }
  }
  kept[start / wide * 2] = s.a;
  kept[start / wide * 2 + 1] = s.b;
}

fn kept_at(start: u32) -> Eight {
  return Eight(kept[start / wide * 2], kept[start / wide * 2 + 1]);
}

fn domain4(v: vec4<f32>) -> vec4<f32> {
  return vec4(domain(v.x), domain(v.y), domain(v.z), domain(v.w));
}
