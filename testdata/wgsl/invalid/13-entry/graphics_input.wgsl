@compute @workgroup_size(1) fn main(@builtin(position) a: vec4f) { }
// error 1:46 builtin input "position" is refused by the profile: it belongs to graphics
