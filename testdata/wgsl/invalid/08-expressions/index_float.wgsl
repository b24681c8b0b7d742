fn f(v: vec3f) { let a = v[1.0]; }
// error 1:28 an index is an integer, not abstract-float
