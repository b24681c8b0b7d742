fn f(a: i32, b: u32) { let c = array(a, b); }
// error 1:41 this element of the array is u32, the others are i32
