fn f(a: vec3u) -> u32 { return a[3]; }
// error 1:34 index 3 is out of bounds of vec3<u32>
