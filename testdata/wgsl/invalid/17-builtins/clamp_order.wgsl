const a = clamp(1, 5, 2);
// error 1:11 clamp from 5 to 2: the bounds are the wrong way round
