fn f() { textureBarrier(); }
// error 1:10 builtin function "textureBarrier" is refused by the profile: it has no textures
