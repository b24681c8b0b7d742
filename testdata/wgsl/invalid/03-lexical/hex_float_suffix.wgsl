const a = 0x1.8f;
const b = 0x1.8h;
// error 2:11 literal "0x1.8h" is refused by the profile: f16 is a storage format only
