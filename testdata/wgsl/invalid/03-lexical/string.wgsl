const a = "text";
// error 1:11 WGSL has no strings
