var<private> a: i64;
// error 1:17 unknown type "i64"
