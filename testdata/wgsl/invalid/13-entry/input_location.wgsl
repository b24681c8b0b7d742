@compute @workgroup_size(1) fn main(@location(0) a: vec3u) {}
// error 1:37 attribute @location is refused by the profile: it belongs to graphics
