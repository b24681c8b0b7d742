fn f() { var a: vec2f; let c = &a.x; }
// error 1:32 "&" cannot take the address of a vector's component
