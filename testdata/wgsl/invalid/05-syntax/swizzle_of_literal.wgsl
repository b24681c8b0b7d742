const a = 1.xy;
// error 1:11 literal "1." runs into "xy"
