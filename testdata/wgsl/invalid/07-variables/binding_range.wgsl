@group(4) @binding(0) var<uniform> a: u32;
// error 1:1 @group is from 0 to 3, not 4
