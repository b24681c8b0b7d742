fn f(a: f32) { switch a { default { } } }
// error 1:23 the selector of a switch is an integer, not f32
