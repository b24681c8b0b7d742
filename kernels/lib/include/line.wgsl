// The elements of a line that an invocation does: first, first + stride ... up to each of them. The grid may be folded
// into rows of workgroups where one dimension does not hold it.
override size: u32 = 64;
override each: u32 = 4;

fn first_of(local: u32, group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return (group.y * groups.x + group.x) * size * each + local;
}
