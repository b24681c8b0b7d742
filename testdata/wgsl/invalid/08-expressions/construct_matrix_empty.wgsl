const a = mat2x2();
// error 1:11 mat2x2() without a type needs values
