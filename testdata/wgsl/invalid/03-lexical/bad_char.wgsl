const a = 1 $ 2;
// error 1:13 unexpected character '$'
