const a = array();
// error 1:11 array() without a type needs at least one value
