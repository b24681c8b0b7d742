fn f() { if (true) {
fn g() {}
// error 2:1 expected "}" to close the block, found "fn"
