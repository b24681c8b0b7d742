const a = bitcast<vec2u>(1u);
// error 1:11 bitcast<vec2<u32>> cannot take u32
