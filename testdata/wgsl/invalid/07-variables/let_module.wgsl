let a = 1;
// error 1:1 let is not allowed at module scope; use const, override or var<private>
