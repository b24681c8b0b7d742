fn f(a: u32) { switch a { case 1: return; default {} } }
// error 1:35 expected "{" to open a block, found "return"
// error 1:43 expected a statement, found "default"
