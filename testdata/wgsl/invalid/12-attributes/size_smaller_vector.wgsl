struct S { @size(8) a: vec3f }
// error 1:12 @size(8) of member "a" is less than 12, the size of vec3<f32>
