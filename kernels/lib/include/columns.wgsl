// finish_row hands those of an invocation's sums in a row that are in C to finish.
fn finish_row(z: u32, row: u32, left: u32, at: u32, v: vec4<whole>) {
  if (row >= p.m) {
    return;
  }
  if (cols > 0 && left + column(at, 0) < p.n) { finish(z, row, left + column(at, 0), v.x); }
  if (cols > 1 && left + column(at, 1) < p.n) { finish(z, row, left + column(at, 1), v.y); }
  if (cols > 2 && left + column(at, 2) < p.n) { finish(z, row, left + column(at, 2), v.z); }
  if (cols > 3 && left + column(at, 3) < p.n) { finish(z, row, left + column(at, 3), v.w); }
}
