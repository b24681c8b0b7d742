fn f() { for (var i = 0; i < 3; i++) { let j = i; } let k = j; }
// error 1:61 unknown name "j"
