@group(0) @binding(0) var s: sampler;
// error 1:30 type "sampler" is refused by the profile: it has no textures and samplers
