fn f() { var a = vec2(1, 2); let p = &a[0]; }
// error 1:38 "&" cannot take the address of a vector's component
