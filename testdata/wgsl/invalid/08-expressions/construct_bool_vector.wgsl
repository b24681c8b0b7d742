const a = bool(vec2(1, 2));
// error 1:11 bool is constructed from one scalar
