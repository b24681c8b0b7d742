fn f() { let x = dpdx(1.0); }
// error 1:18 builtin function "dpdx" is refused by the profile: derivatives belong to fragment shaders
