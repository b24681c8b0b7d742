fn f(p: ptr<uniform, u32>) { *p = 1; }
// error 1:30 memory in address space uniform with access read cannot be written
