fn f() { loop { break if true; } }
// error 1:17 break if stands only at the end of a continuing block
