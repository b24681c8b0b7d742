@group(0) const a = 1;
// error 1:1 attribute @group is not allowed on a const
