const a = u32(-1);
// error 1:11 value -1 cannot be represented as u32
