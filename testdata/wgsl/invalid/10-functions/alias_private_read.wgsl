var<private> g: u32; fn h(p: ptr<private, u32>) -> u32 { *p = 1; return g; } fn f() { _ = h(&g); }
// error 1:93 argument p of "h" leads to "g", which the function also uses by name and writes
