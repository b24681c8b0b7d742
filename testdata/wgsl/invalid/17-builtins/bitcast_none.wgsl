const a = bitcast(1u);
// error 1:11 bitcast wants one template argument, the type: bitcast<f32>(x)
