const a = pack2x16float(vec2(70000.0, 1));
// error 1:11 value 70000 does not fit in f16
