const a = normalize(vec3f(0));
// error 1:11 the value of "normalize" is not finite here
