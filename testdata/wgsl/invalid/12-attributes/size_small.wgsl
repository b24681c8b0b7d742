struct S { @size(4) a: vec2f }
// error 1:12 @size(4) of member "a" is less than 8, the size of vec2<f32>
