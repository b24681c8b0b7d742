fn f() { var a: array<u32, 2>; a = array(1u, 2, 3); }
// error 1:36 the assigned value is array<u32, 3>, want array<u32, 2>
