const a = 1.0h;
// error 1:11 literal "1.0h" is refused by the profile: f16 is a storage format only
