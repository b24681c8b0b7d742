const a = i32(4294967295);
// error 1:11 value 4294967295 cannot be represented as i32
