// The part of a matrix that an invocation does: one column of `each` rows that follow one another. Workgroups lie along the
// columns in x and along the rows in y and z.
override size: u32 = 64;
override each: u32 = 8;

fn first_row(group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return (group.z * groups.y + group.y) * each;
}
