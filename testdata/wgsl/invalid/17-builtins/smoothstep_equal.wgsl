const a = smoothstep(1.0, 1.0, 0.5);
// error 1:11 smoothstep from 1 to 1: the bounds are equal
