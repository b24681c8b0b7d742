// Tensors in C++.
#include <cstdio>
#include <vector>

#include "gwtensor.h"

int main() {
    gwjob_open();
    std::vector<float> x{1, 2, 3, 4}, y(2);
    gw_tensor a = gwt_from_f32(GWT_SHAPE(2, 2), x.data());
    gw_tensor product = gwt_matmul_with(a, a, gwt_matmul_options{.transpose_b = true});
    gw_tensor values = gwt_zeros(GWT_SHAPE(2, 1)), index = gwt_zeros_u32(GWT_SHAPE(2, 1));
    gw_lib_top_k_params params{.rows = 2, .n = 2, .k = 1};
    gwt_run(&gw_lib_top_k, &params, GWT_TENSORS(product, values, index), GWT_OVERRIDES({"most", 8}));
    gwt_read_f32(values, y.data());
    std::printf("%g %g\n", y[0], y[1]);
}
