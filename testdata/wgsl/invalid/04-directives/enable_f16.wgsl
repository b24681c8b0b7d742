enable f16;
// error 1:8 extension "f16" is refused by the profile: f16 is a storage format only (use pack2x16float and unpack2x16float)
