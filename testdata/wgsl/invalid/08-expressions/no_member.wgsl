struct S { a: u32 }
fn f(s: S) { let b = s.b; }
// error 2:24 structure S has no member "b"
