/* One mistake for each number of the argument case: ../checks_test.go has the line that the log must end with. */
#include "gwtensor.h"

static gw_tensor f(gwt_shape shape) {
    return gwt_zeros(shape);
}

static gw_tensor u(gwt_shape shape) {
    return gwt_zeros_u32(shape);
}

static gw_tensor released(void) {
    gw_tensor t = f(GWT_SHAPE(3));
    gwt_release(t);
    return t;
}

static gw_tensor taken_again(void) {
    gw_tensor t = released();
    f(GWT_SHAPE(3));
    return t;
}

static gw_tensor out_of_scope(void) {
    gwt_begin();
    gw_tensor t = f(GWT_SHAPE(3));
    gwt_end();
    return t;
}

static void mistake(uint32_t n) {
    gw_tensor a = f(GWT_SHAPE(2, 5)), b = f(GWT_SHAPE(3, 4)), x = f(GWT_SHAPE(4, 6));
    float some[4] = {0};
    switch (n) {
    case 0: gwt_matmul(a, b); break;
    case 1: gwt_matmul(f(GWT_SHAPE(5)), b); break;
    case 2: gwt_matmul_with(a, b, (gwt_matmul_options){.transpose_a = true, .transpose_b = true}); break;
    case 3: gwt_matmul_with(a, f(GWT_SHAPE(5, 3)), (gwt_matmul_options){.bias = f(GWT_SHAPE(2))}); break;
    case 4: gwt_matmul_with(a, f(GWT_SHAPE(5, 3)), (gwt_matmul_options){.into = f(GWT_SHAPE(3, 2))}); break;
    case 5: gwt_matmul(f(GWT_SHAPE(2, 2, 5)), f(GWT_SHAPE(3, 5, 1))); break;
    case 6: gwt_add(a, b); break;
    case 7: gwt_add(u(GWT_SHAPE(2)), f(GWT_SHAPE(2))); break;
    case 8: gwt_bias_add(x, f(GWT_SHAPE(4))); break;
    case 9: gwt_activate(x, (gwt_activation)9); break;
    case 10: gwt_scatter(f(GWT_SHAPE(4)), f(GWT_SHAPE(4)), 3); break;
    case 11: gwt_broadcast_rows(f(GWT_SHAPE(1, 1, 1, 4)), 3, 1); break;
    case 12: gwt_cross_entropy(x, u(GWT_SHAPE(3)), GWT_NO_LABEL, NULL); break;
    case 13: gwt_embedding(f(GWT_SHAPE(4)), x); break;
    case 14: gwt_conv2d(f(GWT_SHAPE(1, 3, 4, 4)), f(GWT_SHAPE(2, 4, 3, 3)), (gwt_conv2d_options){.groups = 1}); break;
    case 15: gwt_conv2d(f(GWT_SHAPE(1, 3, 4, 4)), f(GWT_SHAPE(2, 3, 3, 3)), (gwt_conv2d_options){.dilation_y = 2}); break;
    case 16: gwt_attention(f(GWT_SHAPE(1, 3, 4, 8)), f(GWT_SHAPE(1, 5, 3, 8)), f(GWT_SHAPE(1, 5, 3, 8)), (gwt_attention_options){.scale = 1}); break;
    case 17: gwt_adam(a, a, a, f(GWT_SHAPE(2, 5)), 0, GWT_ADAM); break;
    case 18: gwt_dropout(x, 1, 1, 1); break;
    case 19: gwt_from_bf16(u(GWT_SHAPE(2)), GWT_SHAPE(5)); break;
    case 20: gwt_scale(released(), 1); break;
    case 21: gwt_scale(taken_again(), 1); break;
    case 22: gwt_scale(out_of_scope(), 1); break;
    case 23: gwt_scale(GWT_NO_TENSOR, 1); break;
    case 24: gwt_zeros(GWT_SHAPE(70000, 70000)); break;
    case 25: gwt_zeros(GWT_SHAPE(3, 0)); break;
    case 26: gwt_reshape(x, GWT_SHAPE(5, 5)); break;
    case 27: gwt_rows(x, 3, 5); break;
    case 28: gwt_rows(x, 2, 2); break;
    case 29: gwt_read_u32(x, (uint32_t *)some); break;
    case 30: gwt_end(); break;
    case 31: gwt_run(&gw_lib_add, &(gw_lib_add_params){.n = 4}, GWT_TENSORS(x, x), GWT_NO_OVERRIDES); break;
    case 32: gwt_run(&gw_lib_add, &(gw_lib_add_params){.n = 4}, GWT_TENSORS(x, x, GWT_NO_TENSOR), GWT_NO_OVERRIDES); break;
    case 33: gwt_run(&gw_lib_add, &(gw_lib_add_params){.n = 4}, GWT_TENSORS(x, x, a), GWT_OVERRIDES({"speed", 2})); break;
    case 34: gwt_run(&gw_lib_add, &(gw_lib_add_params){.n = 4}, GWT_TENSORS(x, x, a), GWT_OVERRIDES({"size", 2.5})); break;
    case 35: gwt_sgd(gwt_rows(x, 1, 2), f(GWT_SHAPE(1, 6)), f(GWT_SHAPE(1, 6)), 0.1f, 0, 0); break;
    case 36:
        gwt_run(&gw_lib_conv2d, &(gw_lib_conv2d_params){.batch = 70000, .groups = 1}, GWT_TENSORS(x, x, x, a), GWT_NO_OVERRIDES);
        break;
    case 37: gwjob_alloc(1 << 30); break;
    case 38: gwjob_input_read("x", 2, some, 4); break;
    case 39: gwjob_input_read("z", 0, some, 4); break;
    case 40: gwjob_arg_f32("case", 0, -1.5f, 1); break;
    case 41: gwjob_failf("%s %u %d %d %llu %f %.2f %%", "text", UINT32_MAX, -5, INT32_MIN, UINT64_MAX, 0.5, -1.005); break;
    case 42:
        gwjob_failf("%f %f %f", (double)gwjob_arg_f32("a", 0, -9, 9), (double)gwjob_arg_f32("b", 0, -9, 9),
                    (double)gwjob_arg_f32("c", 0.25f, -9, 9));
        break;
    case 43: gwjob_arg_f32("d", 0, -0.25f, 1e30f); break;
    }
}

GW_EXPORT(gw_step) int32_t gw_step(void) {
    gwjob_open();
    mistake(gwjob_arg_u32("case", 0, 0, 1000));
    return GW_DONE;
}
