const a = bitcast<u32, f32>(1u);
// error 1:11 bitcast wants one template argument, the type: bitcast<f32>(x)
