// The element that an invocation does. The grid is folded into rows of workgroups where one dimension does not hold it.
override size: u32 = 64;

fn point_of(local: u32, group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return (group.y * groups.x + group.x) * size + local;
}
