const a = 0x1.0000001p0f;
// error 1:11 literal 0x1.0000001p0f cannot be represented exactly as f32
