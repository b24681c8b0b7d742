@id(1) @id(2) override a: u32;
// error 1:8 attribute @id is given twice
