@group(0) @binding(0) var<storage, read_write> s: array<u32>; fn h(p: ptr<storage, array<u32>, read_write>, q: ptr<storage, array<u32>, read_write>) { (*p)[0] = q[1]; } fn f() { h(&s, &s); }
// error 1:185 arguments p and q of "h" both lead to "s", which the function writes
