const a = 1 << -1;
// error 1:16 value -1 cannot be represented as u32
