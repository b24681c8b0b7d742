requires readonly_and_readwrite_storage_textures;
// error 1:10 language feature "readonly_and_readwrite_storage_textures" is refused by the profile: it has no textures
