fn f(a: bool) -> u32 { return a ? 1 : 2; }
// error 1:33 unexpected character '?'
