const a = 1;
enable f16;
// error 2:1 directive "enable" stands after a declaration
