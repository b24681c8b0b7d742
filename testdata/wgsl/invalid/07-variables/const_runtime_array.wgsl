const a: array<u32> = array(1u);
// error 1:23 the value of a is array<u32, 1>, want array<u32>
