const a = unpack2x16float(0x7c00u);
// error 1:11 the value of "unpack2x16float" is not finite here
