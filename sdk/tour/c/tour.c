/* The tour of ../README.md in C. */
#include "gwtensor.h"

#define f(m, ...) floats(GWT_SHAPE(__VA_ARGS__), m)
#define u(m, n, ...) ids(GWT_SHAPE(__VA_ARGS__), m, n)

static uint32_t count_of(gwt_shape shape) {
    uint32_t n = 1;
    for (uint32_t i = 0; i < shape.rank; i++) n *= shape.dim[i];
    return n;
}

static union {
    float floats[8192];
    uint32_t words[8192];
} data;

static const float *values(uint32_t n, uint32_t m) {
    for (uint32_t i = 0; i < n; i++) data.floats[i] = (float)((int32_t)((7 * i + 5 * m) % 23) - 11) / 8;
    return data.floats;
}

static gw_tensor floats(gwt_shape shape, uint32_t m) {
    return gwt_from_f32(shape, values(count_of(shape), m));
}

static gw_tensor ids(gwt_shape shape, uint32_t m, uint32_t n) {
    uint32_t count = count_of(shape);
    for (uint32_t i = 0; i < count; i++) data.words[i] = (3 * i + m) % n;
    return gwt_from_u32(shape, data.words);
}

static void out(const char *name, gw_tensor t) {
    if (t.elem == GWT_F32) {
        gwt_read_f32(t, data.floats);
    } else {
        gwt_read_u32(t, data.words);
    }
    gwjob_output(name, data.words, gwt_count(t) * 4);
}

static void making(void) {
    out("zeros", gwt_zeros(GWT_SHAPE(3, 5)));
    out("from_u32", u(2, 5, 7));
    gw_tensor t = gwt_zeros(GWT_SHAPE(6));
    gwt_write_f32(t, values(6, 1));
    out("write", t);
    out("rows", gwt_rows(f(1, 9, 7), 2, 5));
    out("rows_used", gwt_scale(gwt_rows(f(1, 9, 7), 2, 5), 2));
    out("reshape", gwt_reshape(f(2, 4, 6), GWT_SHAPE(2, 3, 4)));
}

static void products(void) {
    out("matmul", gwt_matmul(f(1, 5, 7), f(2, 7, 3)));
    out("matmul_batch", gwt_matmul(f(1, 2, 5, 7), f(2, 2, 7, 3)));
    out("matmul_shared", gwt_matmul(f(1, 2, 5, 7), f(2, 7, 3)));
    gwt_matmul_options options = {.transpose_a = true, .transpose_b = true, .bias = f(3, 3), .activation = GWT_RELU};
    out("matmul_with", gwt_matmul_with(f(1, 7, 5), f(2, 3, 7), options));
    gw_tensor c = f(4, 5, 3);
    gwt_matmul_with(f(1, 5, 7), f(2, 7, 3), (gwt_matmul_options){.into = c});
    out("matmul_into", c);
}

static void elementwise(void) {
    out("add", gwt_add(f(1, 3, 5), f(2, 3, 5)));
    out("mul", gwt_mul(f(1, 3, 5), f(2, 3, 5)));
    out("scale", gwt_scale(f(1, 3, 5), -2.5f));
    out("axpy", gwt_axpy(0.5f, f(1, 3, 5), f(2, 3, 5)));
    out("bias_add", gwt_bias_add(f(1, 2, 3, 5), f(2, 5)));
    static const char *const kinds[] = {"relu", "gelu", "silu", "tanh", "sigmoid"};
    static const char *const grads[] = {"relu_grad", "gelu_grad", "silu_grad", "tanh_grad", "sigmoid_grad"};
    for (int i = 0; i < 5; i++) {
        out(kinds[i], gwt_activate(f(0, 23), GWT_RELU + i));
        out(grads[i], gwt_activate_grad(f(0, 23), f(1, 23), GWT_RELU + i));
    }
}

static void rows(void) {
    gw_tensor x = f(1, 4, 9), y = gwt_softmax(x), l = gwt_log_softmax(x);
    out("softmax", y);
    out("log_softmax", l);
    out("softmax_grad", gwt_softmax_grad(y, f(2, 4, 9)));
    out("log_softmax_grad", gwt_log_softmax_grad(l, f(2, 4, 9)));
    out("layer_norm", gwt_layer_norm(x, f(2, 9), f(3, 9), 0.00001f));
    out("rms_norm", gwt_rms_norm(x, f(2, 9), 0.00001f));
    gw_tensor wide = f(1, 2, 4, 9);
    out("sum_rows", gwt_sum_rows(wide));
    out("mean_rows", gwt_mean_rows(wide));
    out("max_rows", gwt_max_rows(wide));
    out("min_rows", gwt_min_rows(wide));
    out("sumsq_rows", gwt_sumsq_rows(wide));
    out("sum_columns", gwt_sum_columns(f(1, 300, 5)));
    out("mean_columns", gwt_mean_columns(f(1, 300, 5)));
    out("sum_squares", gwt_sum_squares(f(1, 5000)));
    out("argmax", gwt_argmax(x));
    out("argmin", gwt_argmin(x));
    out("scatter", gwt_scatter(f(1, 6), u(1, 4, 6), 4));
    out("broadcast_rows", gwt_broadcast_rows(f(1, 4), 5, 0.5f));
    out("broadcast_columns", gwt_broadcast_columns(f(1, 5), 4, 0.5f));
}

static void losses(void) {
    gw_tensor x = f(1, 6, 5), label = u(1, 5, 6), stats;
    out("cross_entropy", gwt_cross_entropy(x, label, 2, &stats));
    out("cross_entropy_stats", stats);
    out("cross_entropy_grad", gwt_cross_entropy_grad(x, label, stats, 2, 0.25f));
    out("mse", gwt_mse(f(1, 5000), f(2, 5000)));
    out("mse_grad", gwt_mse_grad(f(1, 3, 5), f(2, 3, 5)));
}

static void layers(void) {
    out("embedding", gwt_embedding(u(1, 4, 6), f(1, 4, 5)));
    out("embedding_grad", gwt_embedding_grad(u(1, 4, 6), f(1, 6, 5), 4));
    out("conv2d", gwt_conv2d(f(1, 2, 3, 6, 7), f(2, 4, 3, 3, 2), (gwt_conv2d_options){.groups = 1}));
    gwt_conv2d_options options = {.bias = f(3, 6), .activation = GWT_RELU, .pad_y = 1, .pad_x = 2, .stride_y = 2, .stride_x = 1,
                                  .dilation_y = 1, .dilation_x = 2, .groups = 2};
    out("conv2d_with", gwt_conv2d(f(1, 2, 4, 6, 7), f(2, 6, 2, 3, 2), options));
    gw_tensor q = f(1, 2, 3, 4, 8), k = f(2, 2, 5, 2, 8), values = f(3, 2, 5, 2, 8);
    out("attention", gwt_attention(q, k, values, (gwt_attention_options){.causal = false}));
    out("attention_causal", gwt_attention(q, k, values, (gwt_attention_options){.scale = 0.25f, .causal = true}));
}

static void training(void) {
    gw_tensor w = f(1, 7), state = f(3, 7);
    gwt_sgd(w, f(2, 7), state, 0.1f, 0.9f, 0.01f);
    out("sgd_w", w);
    out("sgd_v", state);
    static const char *const names[2][3] = {{"adam_w", "adam_m", "adam_v"}, {"adamw_w", "adamw_m", "adamw_v"}};
    for (int decoupled = 0; decoupled < 2; decoupled++) {
        gw_tensor p = f(1, 7), m = gwt_zeros(GWT_SHAPE(7)), s = gwt_zeros(GWT_SHAPE(7));
        gwt_adam_options options = GWT_ADAM;
        options.rate = 0.1f;
        options.decay = 0.01f;
        for (uint32_t t = 1; t <= 2; t++) (decoupled ? gwt_adamw : gwt_adam)(p, f(1 + t, 7), m, s, t, options);
        out(names[decoupled][0], p);
        out(names[decoupled][1], m);
        out(names[decoupled][2], s);
    }
    gw_tensor g = f(1, 7);
    gwt_clip(g, gwt_sum_squares(g), 0.5f);
    out("clip", g);
}

static void randomness(void) {
    out("dropout", gwt_dropout(f(1, 600), 0.25f, gw_seed(), 3));
    out("random_uniform", gwt_random_uniform(GWT_SHAPE(600), -1, 2, gw_seed(), 4));
    out("random_normal", gwt_random_normal(GWT_SHAPE(600), 1, 0.5f, gw_seed(), 5));
}

static void others(void) {
    out("to_bf16", gwt_to_bf16(f(1, 7)));
    out("from_bf16", gwt_from_bf16(gwt_to_bf16(gwt_scale(f(1, 7), 0.1f)), GWT_SHAPE(7)));
    gw_tensor y = gwt_zeros(GWT_SHAPE(4, 9));
    gwt_run(&gw_lib_softmax, &(gw_lib_softmax_params){.rows = 4, .n = 9, .scale = 0.5f, .period = 4, .offset = 1},
            GWT_TENSORS(f(1, 4, 9), u(0, 1, 1), y), GWT_OVERRIDES({"mask", 1}, {"width", 8}, {"rows", 8}));
    out("run", y);
}

GW_EXPORT(gw_step) int32_t gw_step(void) {
    static void (*const parts[])(void) = {making, products, elementwise, rows, losses, layers, training, randomness, others};
    enum { count = sizeof parts / sizeof parts[0] };
    static uint32_t part;
    if (part == 0) gwjob_open();
    gwt_begin();
    parts[part++]();
    gwt_end();
    gwjob_progressf((double)part / count, "part %u", part);
    return part < count ? GW_AGAIN : GW_DONE;
}
