fn f() { break; }
// error 1:10 break outside a loop or switch
