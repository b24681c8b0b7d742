import "a.wgsl";
// error 1:1 "import" is a reserved word
// error 1:8 WGSL has no strings
