// A matrix by rows: `width` invocations share a row, a workgroup does `rows` rows.
override width: u32 = 32; // 8, 16, 32, 64 or 128
override rows: u32 = 2;

struct Row {
  index: u32,
  there: bool, // a workgroup may have places for more rows than are left
  start: u32, // of its elements in the matrix
  n: u32, // elements, none where the row is not there
  slot: u32, // of the row in its workgroup
  lane: u32, // of the invocation in its row
}

// The row of an invocation, of count rows of n elements.
fn row_of(local: vec3<u32>, group: vec3<u32>, groups: vec3<u32>, count: u32, n: u32) -> Row {
  let index = (group.y * groups.x + group.x) * rows + local.y;
  return Row(index, index < count, index * n, select(0, n, index < count), local.y, local.x);
}

// The same where the matrix ends with its total-th element.
fn cut(row: Row, total: u32) -> Row {
  return Row(row.index, row.there, row.start, select(0, min(row.n, total - row.start), row.start < total), row.slot, row.lane);
}
