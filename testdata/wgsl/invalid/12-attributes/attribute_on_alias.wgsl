@id(1) alias A = u32;
// error 1:1 attribute @id is not allowed before "alias"
