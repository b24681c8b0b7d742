const __a = 1;
// error 1:7 identifier "__a" starts with two underscores
