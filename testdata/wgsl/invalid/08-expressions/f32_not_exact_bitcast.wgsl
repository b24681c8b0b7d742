const a = bitcast<f32>(0x7f800000u);
// error 1:11 the value of "bitcast" is not finite here
