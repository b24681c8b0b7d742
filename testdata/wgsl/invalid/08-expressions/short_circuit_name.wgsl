const a = false && unknown;
// error 1:20 unknown name "unknown"
