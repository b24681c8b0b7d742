const a = workgroupBarrier();
// error 1:11 "workgroupBarrier" cannot be called outside a function
