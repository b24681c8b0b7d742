fn f() { override x = 1; }
// error 1:10 override is allowed at module scope only
