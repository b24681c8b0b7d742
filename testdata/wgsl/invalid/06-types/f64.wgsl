var<private> a: f64;
// error 1:17 unknown type "f64"
