override a: array<u32, 2>;
// error 1:10 an override is a scalar, not array<u32, 2>
