var<private> h: vec3h;
// error 1:17 type "vec3h" is refused by the profile: f16 is a storage format only (use pack2x16float and unpack2x16float)
