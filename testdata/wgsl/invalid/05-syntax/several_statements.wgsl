fn f() -> u32 {
  let a = 1
  let b = (2;
  var c = b +;
  if a { return 1u }
  for (var i = 0, i < 2; i++) {}
  return a b;
}
fn g( { }
fn h() -> { return 1; }
const k = ];
// error 3:3 expected ";" after the statement, found "let"
// error 4:14 expected an expression, found ";"
// error 5:20 expected ";" after the statement, found "}"
// error 6:17 expected ";" after the start of the for loop, found ","
// error 6:29 expected ";" after the statement, found ")"
// error 7:12 expected ";" after the statement, found identifier "b"
// error 9:7 expected an identifier for a parameter, found "{"
// error 10:11 expected a type, found "{"
// error 11:11 expected an expression, found "]"
