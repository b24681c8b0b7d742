const a$ = 1;
// error 1:8 unexpected character '$'
