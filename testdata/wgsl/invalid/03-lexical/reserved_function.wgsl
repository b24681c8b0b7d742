fn typedef() {}
// error 1:4 "typedef" is a reserved word
