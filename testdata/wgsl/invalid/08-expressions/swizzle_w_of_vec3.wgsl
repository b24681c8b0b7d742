fn f(a: vec3u) -> u32 { return a.w; }
// error 1:34 vec3<u32> has no component 'w'
