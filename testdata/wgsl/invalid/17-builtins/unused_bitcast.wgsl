fn f(a: f32) { bitcast<u32>(a); }
// error 1:16 the value of function "bitcast" must be used
