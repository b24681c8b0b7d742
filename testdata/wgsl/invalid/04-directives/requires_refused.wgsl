requires subgroup_id, subgroup_uniformity;
requires fragment_depth, texture_and_sampler_let;
requires immediate_address_space;
// error 1:10 language feature "subgroup_id" is refused by the profile: subgroups depend on the device
// error 1:23 language feature "subgroup_uniformity" is refused by the profile: subgroups depend on the device
// error 2:10 language feature "fragment_depth" is refused by the profile: it belongs to graphics
// error 2:26 language feature "texture_and_sampler_let" is refused by the profile: it has no textures
// error 3:10 language feature "immediate_address_space" is refused by the profile: a kernel's inputs are its buffers, as they are bound
