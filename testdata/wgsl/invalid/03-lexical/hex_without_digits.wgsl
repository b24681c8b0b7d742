const a = 0x;
// error 1:11 hexadecimal literal without digits
