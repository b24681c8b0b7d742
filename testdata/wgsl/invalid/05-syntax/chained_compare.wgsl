const a = 1 < 2 == true;
// error 1:17 comparisons do not chain; use parentheses and &&
