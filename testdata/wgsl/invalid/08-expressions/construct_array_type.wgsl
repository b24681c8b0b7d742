const a = array<u32, 2>(1, 2.5);
// error 1:28 this element is abstract-float, want u32
