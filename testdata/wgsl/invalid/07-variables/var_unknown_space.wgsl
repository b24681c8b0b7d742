var<shared> a: u32;
// error 1:5 "shared" is a reserved word
