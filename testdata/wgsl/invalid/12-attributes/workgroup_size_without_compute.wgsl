@workgroup_size(1) fn f() {}
// error 1:1 @workgroup_size is allowed only with @compute
