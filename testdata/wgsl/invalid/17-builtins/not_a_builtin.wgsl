const a = lerp(1.0, 2.0, 0.5);
// error 1:11 unknown function "lerp"
