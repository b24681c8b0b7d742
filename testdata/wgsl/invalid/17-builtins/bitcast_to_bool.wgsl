const a = bitcast<bool>(1u);
// error 1:11 bitcast<bool> cannot take u32
