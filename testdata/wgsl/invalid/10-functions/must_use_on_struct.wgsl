struct S { @must_use a: u32 }
// error 1:12 attribute @must_use is not allowed on a structure's member
