fn f() { switch 1 { default { continue; } } }
// error 1:31 continue outside a loop
