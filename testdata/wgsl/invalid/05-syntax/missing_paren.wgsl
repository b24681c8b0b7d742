fn f(a: u32) -> u32 { return (a + 1; }
// error 1:36 expected ")" to close the parenthesis, found ";"
