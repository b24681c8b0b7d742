fn f() { discard; }
// error 1:10 discard is refused by the profile: it belongs to fragment shaders
