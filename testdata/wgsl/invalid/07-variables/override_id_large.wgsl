@id(65536) override a: u32;
// error 1:1 @id is from 0 to 65535, not 65536
