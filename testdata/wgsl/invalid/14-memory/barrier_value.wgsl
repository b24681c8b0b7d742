fn f() { let a = workgroupBarrier(); }
// error 1:18 function "workgroupBarrier" gives no value
