const a: u32;
// error 1:13 const "a" needs a value
