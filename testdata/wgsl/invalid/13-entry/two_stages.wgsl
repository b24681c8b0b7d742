@compute @fragment @workgroup_size(1) fn main() {}
// error 1:10 attribute @fragment is refused by the profile: it runs compute shaders only
