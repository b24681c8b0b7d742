const a = 0x1p1024;
const b = 0x1p128f;
// error 1:11 literal 0x1p1024 does not fit in abstract-float
// error 2:11 literal 0x1p128f does not fit in f32
