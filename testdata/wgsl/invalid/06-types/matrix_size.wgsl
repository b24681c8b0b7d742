var<private> a: mat1x2f;
// error 1:17 unknown type "mat1x2f"
