@group(-1) @binding(0) var<storage> a: u32;
// error 1:1 @group is from 0 to 3, not -1
