fn f() { _ += 1; }
// error 1:12 expected "=" in the phony assignment, found "+="
