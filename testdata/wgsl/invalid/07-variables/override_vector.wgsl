override v = vec2(1, 2);
// error 1:10 an override is a scalar, not vec2<i32>
