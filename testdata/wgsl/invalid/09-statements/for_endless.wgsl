fn f() { for (;;) { } }
// error 1:10 this for never ends: it has neither a break nor a return
