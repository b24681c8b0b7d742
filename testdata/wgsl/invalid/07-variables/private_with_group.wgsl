@group(0) @binding(0) var<private> a: u32;
// error 1:1 attribute @group is not allowed on a variable in address space private
