requires telepathy;
// error 1:10 language feature "telepathy" is not known
