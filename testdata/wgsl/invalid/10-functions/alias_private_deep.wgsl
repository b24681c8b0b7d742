var<private> g: u32; fn k() -> u32 { return g; } fn h(p: ptr<private, u32>) -> u32 { *p = 1; return k(); } fn f() { _ = h(&g); }
// error 1:123 argument p of "h" leads to "g", which the function also uses by name and writes
