const a = bitcast<u32>(true);
// error 1:11 bitcast<u32> cannot take bool
