// A matrix by rows: `width` invocations share a row, a workgroup does `rows` rows.
override width: u32 = 32; // 8, 16, 32, 64 or 128
override rows: u32 = 2;

fn row_of(local: vec3<u32>, group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return (group.y * groups.x + group.x) * rows + local.y;
}
