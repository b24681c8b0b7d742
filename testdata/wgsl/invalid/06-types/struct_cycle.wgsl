struct A { b: B } struct B { a: A }
// error 1:33 "A" depends on itself
