const n = 2; const a = m; const m = k; const k = a;
// error 1:50 "a" depends on itself
