var<private> g: u32; fn h(p: ptr<private, u32>) { *p = 1; g = 2; } fn f() { h(&g); }
// error 1:79 argument p of "h" leads to "g", which the function also uses by name and writes
