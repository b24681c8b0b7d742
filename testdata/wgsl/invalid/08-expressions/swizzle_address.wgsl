fn f() { var a = vec3(1, 2, 3); let p = &a.xy; }
// error 1:41 "&" wants a variable or a part of one, found a value of type vec2<i32>
