fn f() -> u32 {
  let a = nope;
  let b = a + 1;
  for (var i = a; i < b; i++) { }
  return b;
}
// error 2:11 unknown name "nope"
