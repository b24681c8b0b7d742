fn f() { loop { continue; } }
// error 1:10 this loop never ends: it has neither a break nor a return
