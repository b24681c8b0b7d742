fn f(a: u32) -> u32 { return subgroupAdd(a); }
// error 1:30 builtin function "subgroupAdd" is refused by the profile: subgroup operations depend on the device
