struct S { @binding(0) a: u32 }
// error 1:12 attribute @binding is not allowed on a structure's member
