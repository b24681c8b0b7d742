fn f() { vec2u(1, 2); }
// error 1:10 the value constructed here must be used
