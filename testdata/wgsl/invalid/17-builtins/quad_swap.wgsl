fn f(a: u32) -> u32 { return quadSwapX(a); }
// error 1:30 builtin function "quadSwapX" is refused by the profile: subgroup operations depend on the device
