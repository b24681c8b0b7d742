fn f() { let x = textureLoad(1, 2, 3); }
// error 1:18 builtin function "textureLoad" is refused by the profile: it has no textures
