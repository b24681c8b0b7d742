fn f(a: atomic<u32>) {}
// error 1:9 a parameter cannot be of type atomic<u32>
