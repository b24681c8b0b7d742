// A product of matrices in tiles. The kernel says what a term (an operand as it is multiplied) and a whole (a sum of
// blocks) are, how many terms there are per word of a and b, reads one by term_of, and takes sums in finish_row.
override transpose_a: bool = false;
override transpose_b: bool = false;

// The tile: x by y invocations, each with rows (at most 8) by cols (at most 4) elements of C; depth terms at a time, a
// power of 2 from per to 256, go through workgroup memory, 0 none do. Its rows and columns are whole words.
override x: u32 = 16;
override y: u32 = 4;
override rows: u32 = 4;
override cols: u32 = 4;
override depth: u32 = 0;
override high: u32 = y * rows;
override wide: u32 = x * cols;

// Another tile is an error: a division by 0.
override fits: u32 = 1 / u32(rows <= 8 && cols <= 4 && high % per == 0 && wide % per == 0 && 256 % max(depth, 1) == 0 && depth % per == 0);

const block_terms = 256u;
var<workgroup> part_a: array<term, fits * high * max(depth, 1)>;
var<workgroup> part_b: array<term, fits * wide * max(depth, 1)>;

// In workgroup memory, the first terms of all words along a row come first, then the second ones: neighbours, who read
// neighbouring words, write to neighbouring places. a_words and b_words are how many words that is.
override a_words: u32 = max(depth / per, 1);
override b_words: u32 = wide / per;

// An invocation's column n lies in this word of the tile's, and is this term of it.
fn column_word(at: u32, n: u32) -> u32 {
  return select((at + n * x) % b_words, at + n * x % b_words, b_words % x == 0);
}

fn column_term(at: u32, n: u32) -> u32 {
  return select((at + n * x) / b_words, n * x / b_words, b_words % x == 0);
}

fn column(at: u32, n: u32) -> u32 {
  return column_word(at, n) * per + column_term(at, n);
}

// The words of a row of n terms: rows are whole words.
fn across(n: u32) -> u32 {
  return (n + per - 1) / per;
}

// Element i, k of matrix z of A, and element k and column n of B, k being term e of a word.
fn a_term(z: u32, i: u32, word: u32, e: u32) -> term {
  if (transpose_a) {
    return term_of(a[z * p.a_step + (word * per + e) * across(p.m) + i / per], i % per);
  }
  return term_of(a[z * p.a_step + i * across(p.k) + word], e);
}

fn b_term(z: u32, word: u32, e: u32, left: u32, at: u32, n: u32) -> term {
  if (transpose_b) {
    return term_of(b[z * p.b_step + (left + column(at, n)) * across(p.k) + word], e);
  }
  return term_of(b[z * p.b_step + (word * per + e) * across(p.n) + left / per + column_word(at, n)], column_term(at, n));
}

// put_a and put_b keep term e of a word of a stored row. What is outside of the matrix is 0.
fn put_a(group: vec3<u32>, k: u32, outer: u32, word: u32, e: u32, v: term) {
  let inner = word * per + e;
  let i = select(outer, inner, transpose_a);
  let j = select(inner, outer, transpose_a);
  let at = i * depth + select(e * a_words + word, outer % per * a_words + outer / per, transpose_a);
  part_a[at] = select(term(), v, group.y * high + i < p.m && k + j < p.k);
}

fn put_b(group: vec3<u32>, k: u32, outer: u32, word: u32, e: u32, v: term) {
  let inner = word * per + e;
  let i = select(outer, inner, transpose_b);
  let j = select(inner, outer, transpose_b);
  let at = i * wide + select(e * b_words + word, outer % per * b_words + outer / per, transpose_b);
  part_b[at] = select(term(), v, k + i < p.k && group.x * wide + j < p.n);
}

// What a tile needs of A and B as they are stored: rows and words along them; and the invocations that go along one.
override a_outer: u32 = select(high, depth, transpose_a);
override a_inner: u32 = max(select(depth, high, transpose_a) / per, 1);
override b_outer: u32 = select(depth, wide, transpose_b);
override b_inner: u32 = max(select(wide, depth, transpose_b) / per, 1);
override a_along: u32 = min(a_inner, x * y);
override b_along: u32 = min(b_inner, x * y);

// stage brings the terms from k into workgroup memory.
fn stage(index: u32, group: vec3<u32>, k: u32) {
  let a_start = group.z * p.a_step + select(k, group.y * high, transpose_a) / per;
  let a_row = select(group.y * high, k, transpose_a);
  for (var r = 0u; r < a_outer; r += x * y / a_along) {
    for (var w = 0u; w < a_inner; w += a_along) {
      let outer = r + index / a_along;
      let inner = w + index % a_along;
      if (index / a_along < x * y / a_along && outer < a_outer && inner < a_inner) {
        let word = a[a_start + (a_row + outer) * across(select(p.k, p.m, transpose_a)) + inner];
        put_a(group, k, outer, inner, 0, term_of(word, 0));
        if (per > 1) { put_a(group, k, outer, inner, 1, term_of(word, 1)); }
        if (per > 2) { put_a(group, k, outer, inner, 2, term_of(word, 2)); }
        if (per > 2) { put_a(group, k, outer, inner, 3, term_of(word, 3)); }
      }
    }
  }
  let b_start = group.z * p.b_step + select(group.x * wide, k, transpose_b) / per;
  let b_row = select(k, group.x * wide, transpose_b);
  for (var r = 0u; r < b_outer; r += x * y / b_along) {
    for (var w = 0u; w < b_inner; w += b_along) {
      let outer = r + index / b_along;
      let inner = w + index % b_along;
      if (index / b_along < x * y / b_along && outer < b_outer && inner < b_inner) {
        let word = b[b_start + (b_row + outer) * across(select(p.n, p.k, transpose_b)) + inner];
        put_b(group, k, outer, inner, 0, term_of(word, 0));
        if (per > 1) { put_b(group, k, outer, inner, 1, term_of(word, 1)); }
        if (per > 2) { put_b(group, k, outer, inner, 2, term_of(word, 2)); }
        if (per > 2) { put_b(group, k, outer, inner, 3, term_of(word, 3)); }
      }
    }
  }
}

// add_stored adds the products of term e of the words d in workgroup memory, add_read those of a word as it is read.
fn add_stored(sum: ptr<function, array<vec4<term>, 8>>, local: vec3<u32>, d: u32, e: u32) {
  let i = (d * per + e) * wide + local.x;
  let t = vec4(part_b[i], part_b[i + x], part_b[i + 2 * x], part_b[i + 3 * x]);
  let j = local.y * rows * depth + e * a_words + d;
  (*sum)[0] += part_a[j] * t;
  (*sum)[1] += part_a[j + depth] * t;
  (*sum)[2] += part_a[j + 2 * depth] * t;
  (*sum)[3] += part_a[j + 3 * depth] * t;
  (*sum)[4] += part_a[j + 4 * depth] * t;
  (*sum)[5] += part_a[j + 5 * depth] * t;
  (*sum)[6] += part_a[j + 6 * depth] * t;
  (*sum)[7] += part_a[j + 7 * depth] * t;
}

fn add_read(sum: ptr<function, array<vec4<term>, 8>>, z: u32, row: u32, left: u32, at: u32, word: u32, e: u32) {
  let t = vec4(b_term(z, word, e, left, at, 0), b_term(z, word, e, left, at, 1),
               b_term(z, word, e, left, at, 2), b_term(z, word, e, left, at, 3));
  (*sum)[0] += a_term(z, row, word, e) * t;
  (*sum)[1] += a_term(z, row + 1, word, e) * t;
  (*sum)[2] += a_term(z, row + 2, word, e) * t;
  (*sum)[3] += a_term(z, row + 3, word, e) * t;
  (*sum)[4] += a_term(z, row + 4, word, e) * t;
  (*sum)[5] += a_term(z, row + 5, word, e) * t;
  (*sum)[6] += a_term(z, row + 6, word, e) * t;
  (*sum)[7] += a_term(z, row + 7, word, e) * t;
}

fn multiply(local: vec3<u32>, index: u32, group: vec3<u32>) {
  let z = group.z;
  let row = group.y * high + local.y * rows;
  let left = group.x * wide;
  // Elements past the tile's rows and cols come to nothing: nobody uses them.
  var total: array<vec4<whole>, 8>;
  for (var first = 0u; first < p.k; first += block_terms) {
    var sum: array<vec4<term>, 8>;
    let end = min(p.k, first + block_terms);
    if (depth == 0) {
      for (var w = first / per; w < end / per; w++) {
        add_read(&sum, z, row, left, local.x, w, 0);
        if (per > 1) { add_read(&sum, z, row, left, local.x, w, 1); }
        if (per > 2) { add_read(&sum, z, row, left, local.x, w, 2); }
        if (per > 2) { add_read(&sum, z, row, left, local.x, w, 3); }
      }
      if (per > 1) {
        for (var k = end / per * per; k < end; k++) {
          add_read(&sum, z, row, left, local.x, k / per, k % per);
        }
      }
    } else {
      for (var k = first; k < end; k += depth) {
        workgroupBarrier();
        stage(index, group, k);
        workgroupBarrier();
        for (var e = 0u; e < a_words; e++) {
          let d = e & (a_words - 1); // e, plainly within the arrays
          add_stored(&sum, local, d, 0);
          if (per > 1) { add_stored(&sum, local, d, 1); }
          if (per > 2) { add_stored(&sum, local, d, 2); }
          if (per > 2) { add_stored(&sum, local, d, 3); }
        }
      }
    }
    total[0] += vec4<whole>(sum[0]);
    total[1] += vec4<whole>(sum[1]);
    total[2] += vec4<whole>(sum[2]);
    total[3] += vec4<whole>(sum[3]);
    total[4] += vec4<whole>(sum[4]);
    total[5] += vec4<whole>(sum[5]);
    total[6] += vec4<whole>(sum[6]);
    total[7] += vec4<whole>(sum[7]);
  }
  if (rows > 0) { finish_row(z, row, left, local.x, total[0]); }
  if (rows > 1) { finish_row(z, row + 1, left, local.x, total[1]); }
  if (rows > 2) { finish_row(z, row + 2, left, local.x, total[2]); }
  if (rows > 3) { finish_row(z, row + 3, left, local.x, total[3]); }
  if (rows > 4) { finish_row(z, row + 4, left, local.x, total[4]); }
  if (rows > 5) { finish_row(z, row + 5, left, local.x, total[5]); }
  if (rows > 6) { finish_row(z, row + 6, left, local.x, total[6]); }
  if (rows > 7) { finish_row(z, row + 7, left, local.x, total[7]); }
}
