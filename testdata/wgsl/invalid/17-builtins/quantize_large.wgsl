const a = quantizeToF16(70000.0);
// error 1:11 the value of "quantizeToF16" is not finite here
