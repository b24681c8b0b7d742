override a = b; override b = a + 1;
// error 1:30 "a" depends on itself
