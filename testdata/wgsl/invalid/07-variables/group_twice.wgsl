@group(0) @group(1) @binding(0) var<storage> a: u32;
// error 1:11 attribute @group is given twice
