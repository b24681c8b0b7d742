struct A { n: u32, a: array<u32> } struct B { a: A }
// error 1:50 a runtime-sized array can only be the last member of a structure that is no member itself
