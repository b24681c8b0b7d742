const 😀 = 1;
// error 1:7 unexpected character '😀'
