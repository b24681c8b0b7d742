fn f(@builtin(local_invocation_index) a: u32) {}
// error 1:6 attribute @builtin is not allowed on this parameter
