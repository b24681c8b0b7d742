// override: i=5
override i: u32; const a = array(1, 2, 3); override b = a[i];
@group(0) @binding(0) var<storage, read_write> out: i32;
@compute @workgroup_size(1) fn main() { out = b; }
// kernel-error 2:57 index 5 is out of bounds of array<i32, 3>
