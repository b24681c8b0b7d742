const a = bitcast<f32>(0x7fc00000);
// error 1:11 the value of "bitcast" is not finite here
