fn f() -> u32 { return; }
// error 1:17 return without a value; function "f" gives u32
