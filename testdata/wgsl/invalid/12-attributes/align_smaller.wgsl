struct S { @align(4) a: vec4f }
// error 1:12 @align(4) of member "a" is not a multiple of 16, the alignment of vec4<f32>
