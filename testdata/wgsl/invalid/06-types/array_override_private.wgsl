override n: u32; var<private> a: array<u32, n>;
// error 1:34 type array<u32, (override)> cannot be stored in address space private: it must be constructible
