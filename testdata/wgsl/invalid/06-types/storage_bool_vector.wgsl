struct S { a: vec2<bool> } @group(0) @binding(0) var<storage> a: array<S>;
// error 1:66 type array<S> cannot be stored in address space storage: it must be host-shareable
