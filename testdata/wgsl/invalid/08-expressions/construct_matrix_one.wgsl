const a = mat2x2f(1);
// error 1:11 mat2x2<f32> is made of 2 columns or 4 scalars, found 1 values
