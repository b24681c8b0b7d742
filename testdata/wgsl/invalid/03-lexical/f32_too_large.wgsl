const a = 3.5e38f;
// error 1:11 literal 3.5e38f does not fit in f32
