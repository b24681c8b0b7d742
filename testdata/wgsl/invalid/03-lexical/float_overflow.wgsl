const a = 1e40f;
// error 1:11 literal 1e40f does not fit in f32
