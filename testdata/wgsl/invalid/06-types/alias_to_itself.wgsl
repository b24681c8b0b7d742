alias A = array<A, 2>;
// error 1:17 "A" depends on itself
