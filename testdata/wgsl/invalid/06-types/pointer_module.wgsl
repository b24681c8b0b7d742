var<private> p: ptr<private, u32>;
// error 1:17 type ptr<private, u32> cannot be stored in address space private: it must be constructible
