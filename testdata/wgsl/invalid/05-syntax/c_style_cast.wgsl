fn f(a: f32) -> u32 { return (u32)a; }
// error 1:35 expected ";" after the statement, found identifier "a"
