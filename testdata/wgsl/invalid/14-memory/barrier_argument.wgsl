fn f() { workgroupBarrier(1); }
// error 1:10 builtin function "workgroupBarrier" is called with 1 arguments, want 0
