struct S { a: u32; b: u32 }
// error 1:18 a comma stands between the members of a structure, not ";"
