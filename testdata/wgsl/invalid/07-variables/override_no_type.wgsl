override a;
// error 1:11 override "a" needs a type or a value
