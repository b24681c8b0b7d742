fn f() -> u32 { var a = vec2u(); return arrayLength(&a); }
// error 1:41 builtin function "arrayLength" cannot take (ptr<function, vec2<u32>>); it wants a pointer to a runtime-sized array
