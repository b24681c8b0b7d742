fn f(new: u32) {}
// error 1:6 "new" is a reserved word
