const a = max<u32>(1, 2);
// error 1:11 builtin function "max" takes no template arguments
