/* a /* b */ const a = 1;
// error 1:1 this comment is not closed
