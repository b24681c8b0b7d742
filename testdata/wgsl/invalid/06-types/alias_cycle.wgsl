alias A = B;
alias B = A;
// error 2:11 "A" depends on itself
