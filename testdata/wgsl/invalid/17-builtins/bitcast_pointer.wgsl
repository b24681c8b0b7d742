fn f(a: ptr<function, u32>) -> u32 { return bitcast<u32>(a); }
// error 1:45 bitcast<u32> cannot take ptr<function, u32>
