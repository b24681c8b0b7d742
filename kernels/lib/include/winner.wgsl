// The place of the greatest key among the invocations of a row: the least of the places where several have it. A key of 0 has
// the place none. The first invocation of the row gets the answer; all of a workgroup come here.
const none = 0xffffffffu;

var<workgroup> best_keys: array<u32, rows * width>;
var<workgroup> best_places: array<u32, rows * width>;

fn winner(row: Row, key: u32, place: u32) -> u32 {
  let mine = row.slot * width;
  best_keys[mine + row.lane] = key;
  best_places[mine + row.lane] = place;
  workgroupBarrier();
  if (row.lane < 8) {
    best_of(mine, row.lane, 8, width);
  }
  workgroupBarrier();
  if (row.lane != 0) {
    return none;
  }
  best_of(mine, 0, 1, 8);
  return best_places[mine];
}

// Leaves the best of first, first + stride ... below end at first.
fn best_of(mine: u32, first: u32, stride: u32, end: u32) {
  var best = best_keys[mine + first];
  var at = best_places[mine + first];
  for (var k = first + stride; k < end; k += stride) {
    let key = best_keys[mine + k];
    let place = best_places[mine + k];
    let better = key > best || (key == best && place < at);
    best = select(best, key, better);
    at = select(at, place, better);
  }
  best_keys[mine + first] = best;
  best_places[mine + first] = at;
}
