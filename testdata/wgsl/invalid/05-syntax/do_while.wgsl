fn f() { do { } while true; }
// error 1:10 "do" is a reserved word
