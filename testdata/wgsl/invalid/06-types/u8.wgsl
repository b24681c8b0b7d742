var<private> a: u8;
// error 1:17 unknown type "u8"
