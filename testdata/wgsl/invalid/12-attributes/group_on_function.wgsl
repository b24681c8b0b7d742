@group(0) fn f() {}
// error 1:1 attribute @group is not allowed on a function
