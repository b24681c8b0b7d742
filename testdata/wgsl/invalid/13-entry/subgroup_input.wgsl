@compute @workgroup_size(1) fn main(@builtin(subgroup_size) a: u32) { }
// error 1:46 builtin input "subgroup_size" is refused by the profile: subgroups depend on the device
