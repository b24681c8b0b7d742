@diagnostic(off) fn f() {}
// error 1:1 attribute @diagnostic has 1 arguments, want 2
