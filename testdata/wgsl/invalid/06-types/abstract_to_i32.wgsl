var<private> a: i32 = 4000000000;
// error 1:23 value 4000000000 cannot be represented as i32
