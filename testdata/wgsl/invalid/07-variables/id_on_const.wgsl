@id(1) const a = 1;
// error 1:1 attribute @id is not allowed on a const
