struct S { @size(16) a: array<u32> }
// error 1:12 @size is not allowed on a runtime-sized array
