struct S { a: array<u32, 400000000>, b: array<u32, 400000000> } @group(0) @binding(0) var<storage> s: S;
// error 1:38 structure S is larger than 2147483648 bytes
