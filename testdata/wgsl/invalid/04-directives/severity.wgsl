diagnostic(fatal, derivative_uniformity);
// error 1:12 diagnostic severity "fatal" is not one of off, info, warning, error
