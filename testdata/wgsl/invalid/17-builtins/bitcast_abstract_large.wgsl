const a = bitcast<u32>(4294967296);
// error 1:24 value 4294967296 cannot be represented as u32
