const a = -1u;
// error 1:11 operator "-" cannot take u32
