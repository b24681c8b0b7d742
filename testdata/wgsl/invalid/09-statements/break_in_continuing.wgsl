fn f() { loop { if true { break; } continuing { break; } } }
// error 1:49 break in a continuing block; it can only end with break if
