var<private> a: array<>;
// error 1:23 empty template list
