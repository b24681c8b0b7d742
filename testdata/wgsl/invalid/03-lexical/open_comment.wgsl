const a = 1; /* never /* closed */
// error 1:14 this comment is not closed
