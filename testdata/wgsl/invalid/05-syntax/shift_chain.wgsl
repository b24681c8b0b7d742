fn f(a: u32) -> u32 { return a << 1u << 2u; }
// error 1:38 mixing "<<" with a shift needs parentheses
