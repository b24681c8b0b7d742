/* A program with main, the C library and tensors: two allocators live beside each other. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gwtensor.h"

int main(int argc, char **argv) {
    enum { n = 200000 };
    gwjob_open();
    float *x = malloc(n * sizeof *x), *y = gwjob_alloc(n * sizeof *y), *z = malloc(n * sizeof *z);
    for (int i = 0; i < n; i++) x[i] = sinf((float)i);
    gw_tensor t = gwt_scale(gwt_from_f32(GWT_SHAPE(n), x), 2);
    gwt_read_f32(t, y);
    gwt_read_f32(t, z);
    for (int i = 0; i < n; i++) {
        if (y[i] != 2 * x[i] || z[i] != y[i]) {
            printf("element %d is %f and %f, want %f\n", i, (double)y[i], (double)z[i], (double)(2 * x[i]));
            return 1;
        }
    }
    printf("%d arguments, %s\n", argc, argv[1]);
}
