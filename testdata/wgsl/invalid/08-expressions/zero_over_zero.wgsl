const a = 0.0f / 0.0f;
// error 1:16 "/" overflows f32: 0 / 0
