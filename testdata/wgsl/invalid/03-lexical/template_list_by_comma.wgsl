fn pick(a: bool, b: bool) -> bool { return a; }
fn f(a: u32, b: u32, c: u32) -> bool { return pick(a < b, c > (b)); }
// error 2:47 function "pick" is called with 1 arguments, want 2
