const a = clamp(1.0, 3.0, 2.0);
// error 1:11 clamp from 3 to 2: the bounds are the wrong way round
