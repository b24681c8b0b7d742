// A matrix by columns: an invocation does one column of some rows that follow one another. Workgroups lie along the columns
// in x, and along the rows in y and z.
override size: u32 = 64;

fn rows_before(group: vec3<u32>, groups: vec3<u32>, each: u32) -> u32 {
  return (group.z * groups.y + group.y) * each;
}
