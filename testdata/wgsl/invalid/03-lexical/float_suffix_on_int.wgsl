const a = 1.5u;
// error 1:11 integer suffix "u" on the float literal "1.5u"
