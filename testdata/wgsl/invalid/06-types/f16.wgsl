var<private> h: f16;
// error 1:17 type "f16" is refused by the profile: f16 is a storage format only (use pack2x16float and unpack2x16float)
