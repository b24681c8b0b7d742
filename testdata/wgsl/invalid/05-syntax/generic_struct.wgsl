struct S<T> { a: T }
// error 1:9 expected "{" after the structure's name, found "<"
