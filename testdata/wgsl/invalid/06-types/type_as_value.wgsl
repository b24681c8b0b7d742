const a = u32;
// error 1:11 type "u32" is not a value
