fn f(a: u32) { switch a { default { continue; } } }
// error 1:37 continue outside a loop
