// The element of rows of columns that an invocation does: workgroups of size columns and tall rows. The rows may be folded
// into layers of workgroups in z where one dimension does not hold them.
override size: u32 = 32;
override tall: u32 = 2;

fn row_of(local: vec3<u32>, group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return (group.z * groups.y + group.y) * tall + local.y;
}
