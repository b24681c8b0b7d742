const a: i32 = -2147483649;
// error 1:16 value -2147483649 cannot be represented as i32
