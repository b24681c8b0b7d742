const a = length(vec2f(3e38, 3e38));
// error 1:11 the value of "length" is not finite here
