fn f(a: array<u32, 2>) -> vec2u { return bitcast<vec2u>(a); }
// error 1:42 bitcast<vec2<u32>> cannot take array<u32, 2>
