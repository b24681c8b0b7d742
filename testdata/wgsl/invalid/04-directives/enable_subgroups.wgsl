enable subgroups;
// error 1:8 extension "subgroups" is refused by the profile: subgroup operations depend on the device
