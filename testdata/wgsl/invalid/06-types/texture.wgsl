@group(0) @binding(0) var t: texture_2d<f32>;
// error 1:30 type "texture_2d" is refused by the profile: it has no textures and samplers
