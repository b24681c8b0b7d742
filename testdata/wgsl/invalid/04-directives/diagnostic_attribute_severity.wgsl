@diagnostic(silent, derivative_uniformity) fn f() {}
// error 1:13 diagnostic severity "silent" is not one of off, info, warning, error
