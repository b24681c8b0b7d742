fn f() { let x = subgroupAdd(1.0); }
// error 1:18 builtin function "subgroupAdd" is refused by the profile: subgroup operations depend on the device
