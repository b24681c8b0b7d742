/* The functions of tensors: each checks shapes, makes the result, and runs a kernel of the library or a few. */
#include "gwtensor.h"

#define PARAMS(op, ...) &gw_lib_##op, &(gw_lib_##op##_params){__VA_ARGS__}

static const char *const activations[] = {"no activation", "relu", "gelu", "silu", "tanh", "sigmoid"};

/* Shapes made of others. */

static gwt_shape without_last(gwt_shape shape) {
    if (shape.rank == 1) return GWT_SHAPE(1);
    shape.rank--;
    return shape;
}

static gwt_shape with_last(const char *op, const char *name, gw_tensor t, uint32_t n) {
    if (t.shape.rank == gwt_dimensions) {
        gwjob_text text = {0};
        gwjob_addf(&text, "%s: %s is ", op, name);
        gwt_describe(&text, t);
        gwjob_add(&text, ", want at most 3 dimensions");
        gwjob_fail_text(&text);
    }
    t.shape.dim[t.shape.rank++] = n;
    return t.shape;
}

/* Wants any shape of that type. */
static void want_elem(const char *op, const char *name, gw_tensor t, gwt_elem elem) {
    gwt_want(op, name, t, elem, (gwt_shape){.rank = t.shape.rank});
}

static void want_f32(const char *op, gw_tensor x) {
    want_elem(op, "x", x, GWT_F32);
}

/* Wants the shape of x. */
static void want_like(const char *op, const char *name, gw_tensor t, const char *other, gw_tensor x) {
    gwt_want_as(op, name, t, GWT_F32, x.shape, other, x);
}

/* Wants a vector as long as a row of x. */
static void want_row(const char *op, const char *name, gw_tensor t, gw_tensor x) {
    gwt_want_as(op, name, t, GWT_F32, GWT_SHAPE(gwt_columns(x)), "x", x);
}

static gwt_activation want_activation(const char *op, gwt_activation kind, gwt_activation least) {
    if (kind < least || kind > GWT_SIGMOID) gwjob_failf("%s: activation %d, want %d (%s) to 5 (sigmoid)", op, (int)kind, (int)least, activations[least]);
    return kind;
}

/* Products. */

gw_tensor gwt_matmul_with(gw_tensor a, gw_tensor b, gwt_matmul_options o) {
    const char *op = "matmul";
    want_elem(op, "a", a, GWT_F32);
    uint32_t batched = a.shape.rank == 3, z = batched ? a.shape.dim[0] : 1;
    if (!batched) gwt_want(op, "a", a, GWT_F32, GWT_SHAPE(0, 0));
    const uint32_t *ad = a.shape.dim + batched;
    uint32_t m = ad[o.transpose_a], k = ad[!o.transpose_a];
    uint32_t b_batched = batched && b.shape.rank == 3;
    gwt_shape b_shape = b_batched ? GWT_SHAPE(z, k, 0) : GWT_SHAPE(k, 0);
    if (o.transpose_b) {
        b_shape.dim[b_batched] = 0;
        b_shape.dim[b_batched + 1] = k;
    }
    gwt_want_as(op, "b", b, GWT_F32, b_shape, o.transpose_a ? "a, transposed," : "a", a);
    uint32_t n = b.shape.dim[b_batched + !o.transpose_b];
    if (o.bias.made != 0) gwt_want_as(op, "bias", o.bias, GWT_F32, GWT_SHAPE(n), o.transpose_b ? "b, transposed," : "b", b);
    want_activation(op, o.activation, GWT_NO_ACTIVATION);

    gwt_shape shape = batched ? GWT_SHAPE(z, m, n) : GWT_SHAPE(m, n);
    gw_tensor c = o.into;
    if (c.made != 0) {
        gwt_want(op, "into", c, GWT_F32, shape);
    } else {
        c = gwt_make(op, GWT_F32, shape);
    }
    gwjob_constant overrides[5];
    uint32_t count = 0;
    if (o.into.made != 0) overrides[count++] = (gwjob_constant){"accumulate", 1};
    if (o.activation != 0) overrides[count++] = (gwjob_constant){"activation", o.activation};
    if (o.transpose_a) overrides[count++] = (gwjob_constant){"transpose_a", 1};
    if (o.transpose_b) overrides[count++] = (gwjob_constant){"transpose_b", 1};
    if (o.bias.made != 0) overrides[count++] = (gwjob_constant){"with_bias", 1};
    gwt_run(PARAMS(matmul_f32, .m = m, .n = n, .k = k, .batch = z, .a_step = m * k, .b_step = b_batched ? k * n : 0),
            GWT_TENSORS(a, b, o.bias, c), count, overrides);
    return c;
}

gw_tensor gwt_matmul(gw_tensor a, gw_tensor b) {
    return gwt_matmul_with(a, b, (gwt_matmul_options){.bias = GWT_NO_TENSOR});
}

/* Element by element. */

gw_tensor gwt_add(gw_tensor x, gw_tensor y) {
    want_f32("add", x);
    want_like("add", "y", y, "x", x);
    gw_tensor z = gwt_make("add", GWT_F32, x.shape);
    gwt_run(PARAMS(add, .n = gwt_count(x)), GWT_TENSORS(x, y, z), GWT_NO_OVERRIDES);
    return z;
}

gw_tensor gwt_mul(gw_tensor x, gw_tensor y) {
    want_f32("mul", x);
    want_like("mul", "y", y, "x", x);
    gw_tensor z = gwt_make("mul", GWT_F32, x.shape);
    gwt_run(PARAMS(mul, .n = gwt_count(x)), GWT_TENSORS(x, y, z), GWT_NO_OVERRIDES);
    return z;
}

gw_tensor gwt_scale(gw_tensor x, float a) {
    want_f32("scale", x);
    gw_tensor y = gwt_make("scale", GWT_F32, x.shape);
    gwt_run(PARAMS(scale, .n = gwt_count(x), .a = a), GWT_TENSORS(x, y), GWT_NO_OVERRIDES);
    return y;
}

gw_tensor gwt_axpy(float a, gw_tensor x, gw_tensor y) {
    want_f32("axpy", x);
    want_like("axpy", "y", y, "x", x);
    gw_tensor z = gwt_make("axpy", GWT_F32, x.shape);
    gwt_run(PARAMS(axpy, .n = gwt_count(x), .a = a), GWT_TENSORS(x, y, z), GWT_NO_OVERRIDES);
    return z;
}

gw_tensor gwt_bias_add(gw_tensor x, gw_tensor b) {
    want_f32("bias_add", x);
    want_row("bias_add", "b", b, x);
    gw_tensor y = gwt_make("bias_add", GWT_F32, x.shape);
    gwt_run(PARAMS(bias_add, .rows = gwt_row_count(x), .n = gwt_columns(x)), GWT_TENSORS(x, b, y), GWT_NO_OVERRIDES);
    return y;
}

gw_tensor gwt_activate(gw_tensor x, gwt_activation kind) {
    want_f32("activate", x);
    want_activation("activate", kind, GWT_RELU);
    gw_tensor y = gwt_make("activate", GWT_F32, x.shape);
    gwt_run(PARAMS(activate, .n = gwt_count(x)), GWT_TENSORS(x, y), GWT_OVERRIDES({"activation", kind}));
    return y;
}

gw_tensor gwt_activate_grad(gw_tensor x, gw_tensor dy, gwt_activation kind) {
    want_f32("activate_grad", x);
    want_like("activate_grad", "dy", dy, "x", x);
    want_activation("activate_grad", kind, GWT_RELU);
    gw_tensor dx = gwt_make("activate_grad", GWT_F32, x.shape);
    gwt_run(PARAMS(activate_grad, .n = gwt_count(x)), GWT_TENSORS(x, dy, dx), GWT_OVERRIDES({"activation", kind}));
    return dx;
}

/* Along rows. */

static gw_tensor softmax(const char *op, gw_tensor x, uint32_t count, const gwjob_constant *overrides) {
    want_f32(op, x);
    gw_tensor y = gwt_make(op, GWT_F32, x.shape);
    gwt_run(PARAMS(softmax, .rows = gwt_row_count(x), .n = gwt_columns(x), .scale = 1), GWT_TENSORS(x, GWT_NO_TENSOR, y), count,
            overrides);
    return y;
}

gw_tensor gwt_softmax(gw_tensor x) {
    return softmax("softmax", x, GWT_NO_OVERRIDES);
}

gw_tensor gwt_log_softmax(gw_tensor x) {
    return softmax("log_softmax", x, GWT_OVERRIDES({"logarithm", 1}));
}

static gw_tensor softmax_grad(const char *op, gw_tensor y, gw_tensor dy, uint32_t count, const gwjob_constant *overrides) {
    want_elem(op, "y", y, GWT_F32);
    want_like(op, "dy", dy, "y", y);
    gw_tensor dx = gwt_make(op, GWT_F32, y.shape);
    gwt_run(PARAMS(softmax_grad, .rows = gwt_row_count(y), .n = gwt_columns(y), .scale = 1), GWT_TENSORS(y, dy, dx), count,
            overrides);
    return dx;
}

gw_tensor gwt_softmax_grad(gw_tensor y, gw_tensor dy) {
    return softmax_grad("softmax_grad", y, dy, GWT_NO_OVERRIDES);
}

gw_tensor gwt_log_softmax_grad(gw_tensor y, gw_tensor dy) {
    return softmax_grad("log_softmax_grad", y, dy, GWT_OVERRIDES({"logarithm", 1}));
}

static gw_tensor norm(const char *op, gw_tensor x, gw_tensor gain, gw_tensor shift, float epsilon, uint32_t count,
                      const gwjob_constant *overrides) {
    want_f32(op, x);
    want_row(op, "gain", gain, x);
    uint32_t rows = gwt_row_count(x);
    gw_tensor y = gwt_make(op, GWT_F32, x.shape), stats = gwt_make(op, GWT_F32, GWT_SHAPE(rows, 2));
    gwt_run(PARAMS(norm, .rows = rows, .n = gwt_columns(x), .epsilon = epsilon), GWT_TENSORS(x, gain, shift, y, stats), count,
            overrides);
    gwt_release(stats);
    return y;
}

gw_tensor gwt_layer_norm(gw_tensor x, gw_tensor gain, gw_tensor shift, float epsilon) {
    want_f32("layer_norm", x);
    want_row("layer_norm", "shift", shift, x);
    return norm("layer_norm", x, gain, shift, epsilon, GWT_NO_OVERRIDES);
}

gw_tensor gwt_rms_norm(gw_tensor x, gw_tensor gain, float epsilon) {
    return norm("rms_norm", x, gain, GWT_NO_TENSOR, epsilon, GWT_OVERRIDES({"centred", 0}));
}

enum reduction { sum, squares, greatest, least };

/* One number from each row of n elements, of which there are total. */
static void reduce(gw_tensor x, uint32_t n, uint32_t total, float divide, enum reduction kind, gw_tensor y) {
    gwt_run(PARAMS(reduce_rows, .rows = gwt_count(y), .n = n, .total = total, .divide = divide), GWT_TENSORS(x, y),
            kind == sum ? 0 : 1, (gwjob_constant[]){{"kind", kind}});
}

static gw_tensor reduce_rows(const char *op, gw_tensor x, enum reduction kind, bool mean) {
    want_f32(op, x);
    gw_tensor y = gwt_make(op, GWT_F32, without_last(x.shape));
    uint32_t n = gwt_columns(x);
    reduce(x, n, gwt_count(x), mean ? (float)n : 1, kind, y);
    return y;
}

gw_tensor gwt_sum_rows(gw_tensor x) {
    return reduce_rows("sum_rows", x, sum, false);
}

gw_tensor gwt_mean_rows(gw_tensor x) {
    return reduce_rows("mean_rows", x, sum, true);
}

gw_tensor gwt_max_rows(gw_tensor x) {
    return reduce_rows("max_rows", x, greatest, false);
}

gw_tensor gwt_min_rows(gw_tensor x) {
    return reduce_rows("min_rows", x, least, false);
}

gw_tensor gwt_sumsq_rows(gw_tensor x) {
    return reduce_rows("sumsq_rows", x, squares, false);
}

enum { block = 4096 }; /* elements that are reduced to one at a time */

static gwt_shape blocks_of(uint32_t n) {
    return GWT_SHAPE(n / block + (n % block != 0));
}

/* Adds up the elements of x in blocks until one is left, which is divided, at least once. It releases x. */
static gw_tensor sum_all(const char *op, gw_tensor x, float divide) {
    do {
        uint32_t n = gwt_count(x);
        gw_tensor y = gwt_make(op, GWT_F32, blocks_of(n));
        reduce(x, block, n, gwt_count(y) == 1 ? divide : 1, sum, y);
        gwt_release(x);
        x = y;
    } while (gwt_count(x) > 1);
    return x;
}

gw_tensor gwt_sum_squares(gw_tensor x) {
    want_f32("sum_squares", x);
    uint32_t n = gwt_count(x);
    gw_tensor y = gwt_make("sum_squares", GWT_F32, blocks_of(n));
    reduce(x, block, n, 1, squares, y);
    return gwt_count(y) == 1 ? y : sum_all("sum_squares", y, 1);
}

static gw_tensor arg(const char *op, gw_tensor x, uint32_t count, const gwjob_constant *overrides) {
    want_f32(op, x);
    gw_tensor index = gwt_make(op, GWT_U32, without_last(x.shape));
    gwt_run(PARAMS(argmax, .rows = gwt_row_count(x), .n = gwt_columns(x)), GWT_TENSORS(x, index), count, overrides);
    return index;
}

gw_tensor gwt_argmax(gw_tensor x) {
    return arg("argmax", x, GWT_NO_OVERRIDES);
}

gw_tensor gwt_argmin(gw_tensor x) {
    return arg("argmin", x, GWT_OVERRIDES({"least", 1}));
}

static gw_tensor reduce_columns(const char *op, gw_tensor x, bool mean) {
    want_f32(op, x);
    uint32_t rows = gwt_row_count(x), n = gwt_columns(x);
    float divide = mean ? (float)rows : 1;
    gw_tensor from = x;
    do {
        uint32_t left = (rows + 255) / 256;
        gw_tensor y = gwt_make(op, GWT_F32, GWT_SHAPE(left, n));
        gwt_run(PARAMS(reduce_columns, .rows = rows, .n = n, .divide = left == 1 ? divide : 1), GWT_TENSORS(from, y),
                GWT_NO_OVERRIDES);
        if (from.made != x.made) gwt_release(from);
        from = y;
        rows = left;
    } while (rows > 1);
    return gwt_reshape(from, GWT_SHAPE(n));
}

gw_tensor gwt_sum_columns(gw_tensor x) {
    return reduce_columns("sum_columns", x, false);
}

gw_tensor gwt_mean_columns(gw_tensor x) {
    return reduce_columns("mean_columns", x, true);
}

gw_tensor gwt_scatter(gw_tensor v, gw_tensor index, uint32_t n) {
    want_elem("scatter", "v", v, GWT_F32);
    gwt_want_as("scatter", "index", index, GWT_U32, v.shape, "v", v);
    gw_tensor y = gwt_make("scatter", GWT_F32, with_last("scatter", "v", v, n));
    gwt_run(PARAMS(scatter, .rows = gwt_count(v), .n = n), GWT_TENSORS(v, index, y), GWT_NO_OVERRIDES);
    return y;
}

gw_tensor gwt_broadcast_rows(gw_tensor v, uint32_t n, float factor) {
    want_elem("broadcast_rows", "v", v, GWT_F32);
    gw_tensor y = gwt_make("broadcast_rows", GWT_F32, with_last("broadcast_rows", "v", v, n));
    gwt_run(PARAMS(broadcast, .rows = gwt_count(v), .n = n, .factor = factor), GWT_TENSORS(v, y), GWT_NO_OVERRIDES);
    return y;
}

gw_tensor gwt_broadcast_columns(gw_tensor v, uint32_t rows, float factor) {
    gwt_want("broadcast_columns", "v", v, GWT_F32, GWT_SHAPE(0));
    gw_tensor y = gwt_make("broadcast_columns", GWT_F32, GWT_SHAPE(rows, gwt_count(v)));
    gwt_run(PARAMS(broadcast, .rows = rows, .n = gwt_count(v), .factor = factor), GWT_TENSORS(v, y), GWT_OVERRIDES({"columns", 1}));
    return y;
}

/* Losses. */

gw_tensor gwt_cross_entropy(gw_tensor x, gw_tensor label, uint32_t ignored, gw_tensor *stats) {
    want_f32("cross_entropy", x);
    gwt_want_as("cross_entropy", "label", label, GWT_U32, without_last(x.shape), "x", x);
    uint32_t rows = gwt_row_count(x);
    gw_tensor loss = gwt_make("cross_entropy", GWT_F32, label.shape), s = gwt_make("cross_entropy", GWT_F32, GWT_SHAPE(rows, 2));
    gwt_run(PARAMS(cross_entropy, .rows = rows, .n = gwt_columns(x), .ignored = ignored), GWT_TENSORS(x, label, loss, s),
            GWT_NO_OVERRIDES);
    if (stats != NULL) {
        *stats = s;
    } else {
        gwt_release(s);
    }
    return loss;
}

gw_tensor gwt_cross_entropy_grad(gw_tensor x, gw_tensor label, gw_tensor stats, uint32_t ignored, float factor) {
    const char *op = "cross_entropy_grad";
    want_f32(op, x);
    gwt_want_as(op, "label", label, GWT_U32, without_last(x.shape), "x", x);
    uint32_t rows = gwt_row_count(x);
    gwt_want_as(op, "stats", stats, GWT_F32, GWT_SHAPE(rows, 2), "x", x);
    gw_tensor dx = gwt_make(op, GWT_F32, x.shape);
    gwt_run(PARAMS(cross_entropy_grad, .rows = rows, .n = gwt_columns(x), .ignored = ignored, .factor = factor),
            GWT_TENSORS(x, label, stats, dx), GWT_NO_OVERRIDES);
    return dx;
}

gw_tensor gwt_mse(gw_tensor x, gw_tensor t) {
    want_f32("mse", x);
    want_like("mse", "t", t, "x", x);
    uint32_t n = gwt_count(x);
    gw_tensor sums = gwt_make("mse", GWT_F32, blocks_of(n));
    gwt_run(PARAMS(mse, .blocks = gwt_count(sums), .total = n), GWT_TENSORS(x, t, sums), GWT_NO_OVERRIDES);
    return sum_all("mse", sums, (float)n);
}

gw_tensor gwt_mse_grad(gw_tensor x, gw_tensor t) {
    want_f32("mse_grad", x);
    want_like("mse_grad", "t", t, "x", x);
    uint32_t n = gwt_count(x);
    gw_tensor dx = gwt_make("mse_grad", GWT_F32, x.shape);
    gwt_run(PARAMS(mse_grad, .n = n, .factor = (float)(2.0 / n)), GWT_TENSORS(x, t, dx), GWT_NO_OVERRIDES);
    return dx;
}

/* Layers. */

gw_tensor gwt_embedding(gw_tensor ids, gw_tensor table) {
    want_elem("embedding", "ids", ids, GWT_U32);
    gwt_want("embedding", "table", table, GWT_F32, GWT_SHAPE(0, 0));
    uint32_t dim = gwt_columns(table);
    gw_tensor y = gwt_make("embedding", GWT_F32, with_last("embedding", "ids", ids, dim));
    gwt_run(PARAMS(embedding, .n = gwt_count(ids), .vocab = table.shape.dim[0], .dim = dim), GWT_TENSORS(ids, table, y),
            GWT_NO_OVERRIDES);
    return y;
}

gw_tensor gwt_embedding_grad(gw_tensor ids, gw_tensor dy, uint32_t vocab) {
    const char *op = "embedding_grad";
    want_elem(op, "ids", ids, GWT_U32);
    uint32_t n = gwt_count(ids), dim = gwt_columns(dy);
    gwt_want_as(op, "dy", dy, GWT_F32, with_last(op, "ids", ids, dim), "ids", ids);
    gw_tensor head = gwt_zeros_u32(GWT_SHAPE(vocab)), next = gwt_make(op, GWT_U32, GWT_SHAPE(n));
    gw_tensor table = gwt_make(op, GWT_F32, GWT_SHAPE(vocab, dim));
    gwt_run(PARAMS(embedding_index, .n = n, .vocab = vocab), GWT_TENSORS(ids, head, next), GWT_NO_OVERRIDES);
    gwt_run(PARAMS(embedding_backward, .n = n, .vocab = vocab, .dim = dim), GWT_TENSORS(head, next, dy, table), GWT_NO_OVERRIDES);
    gwt_release(head);
    gwt_release(next);
    return table;
}

/* The places that a filter of size k fits into n elements. */
static uint32_t conv_places(const char *axis, uint32_t n, uint32_t pad, uint32_t k, uint32_t stride, uint32_t dilation) {
    uint64_t padded = n + 2 * (uint64_t)pad, wide = dilation * (uint64_t)(k - 1) + 1;
    if (padded < wide) {
        gwjob_failf("conv2d: the filter's %s is %llu with its dilation, want at most %llu, the image's with its padding", axis,
                    (unsigned long long)wide, (unsigned long long)padded);
    }
    uint64_t places = (padded - wide) / stride + 1;
    return places > UINT32_MAX ? UINT32_MAX : (uint32_t)places;
}

static uint32_t or_one(uint32_t n) {
    return n == 0 ? 1 : n;
}

gw_tensor gwt_conv2d(gw_tensor image, gw_tensor weight, gwt_conv2d_options o) {
    const char *op = "conv2d";
    o.stride_y = or_one(o.stride_y), o.stride_x = or_one(o.stride_x), o.groups = or_one(o.groups);
    o.dilation_y = or_one(o.dilation_y), o.dilation_x = or_one(o.dilation_x);
    gwt_want(op, "image", image, GWT_F32, GWT_SHAPE(0, 0, 0, 0));
    uint32_t batch = image.shape.dim[0], channels = image.shape.dim[1], height = image.shape.dim[2], width = image.shape.dim[3];
    if (channels % o.groups != 0) gwjob_failf("conv2d: %u channels in %u groups, want a multiple", channels, o.groups);
    gwt_want_as(op, "weight", weight, GWT_F32, GWT_SHAPE(0, channels / o.groups, 0, 0), "image", image);
    uint32_t filters = weight.shape.dim[0], ky = weight.shape.dim[2], kx = weight.shape.dim[3];
    if (filters % o.groups != 0) gwjob_failf("conv2d: %u filters in %u groups, want a multiple", filters, o.groups);
    if (o.bias.made != 0) gwt_want_as(op, "bias", o.bias, GWT_F32, GWT_SHAPE(filters), "weight", weight);
    want_activation(op, o.activation, GWT_NO_ACTIVATION);
    uint32_t oh = conv_places("height", height, o.pad_y, ky, o.stride_y, o.dilation_y);
    uint32_t ow = conv_places("width", width, o.pad_x, kx, o.stride_x, o.dilation_x);

    gwjob_constant overrides[6];
    uint32_t count = 0;
    if (o.activation != 0) overrides[count++] = (gwjob_constant){"activation", o.activation};
    if (o.dilation_x != 1) overrides[count++] = (gwjob_constant){"dilation_x", o.dilation_x};
    if (o.dilation_y != 1) overrides[count++] = (gwjob_constant){"dilation_y", o.dilation_y};
    if (o.stride_x != 1) overrides[count++] = (gwjob_constant){"stride_x", o.stride_x};
    if (o.stride_y != 1) overrides[count++] = (gwjob_constant){"stride_y", o.stride_y};
    if (o.bias.made != 0) overrides[count++] = (gwjob_constant){"with_bias", 1};
    gw_tensor out = gwt_make(op, GWT_F32, GWT_SHAPE(batch, filters, oh, ow));
    gwt_run(PARAMS(conv2d, .batch = batch, .groups = o.groups, .channels = channels, .height = height, .width = width,
                   .filters = filters, .out_height = oh, .out_width = ow, .kernel_y = ky, .kernel_x = kx, .pad_y = o.pad_y,
                   .pad_x = o.pad_x),
            GWT_TENSORS(image, weight, o.bias, out), count, overrides);
    return out;
}

gw_tensor gwt_attention(gw_tensor q, gw_tensor k, gw_tensor v, gwt_attention_options o) {
    const char *op = "attention";
    gwt_want(op, "q", q, GWT_F32, GWT_SHAPE(0, 0, 0, 0));
    uint32_t batch = q.shape.dim[0], n = q.shape.dim[1], heads = q.shape.dim[2], dim = q.shape.dim[3];
    gwt_want_as(op, "k", k, GWT_F32, GWT_SHAPE(batch, 0, 0, dim), "q", q);
    want_like(op, "v", v, "k", k);
    uint32_t m = k.shape.dim[1], kv_heads = k.shape.dim[2];
    if (dim > 256) gwjob_failf("attention: heads of %u elements, want at most 256", dim);
    if (heads % kv_heads != 0) gwjob_failf("attention: %u heads of q and %u of k, want a multiple", heads, kv_heads);
    if (o.causal && n > m) gwjob_failf("attention: causal, with %u queries and %u keys, want at least as many keys", n, m);

    /* The position of the first query and the number of keys, for each of the batch. */
    gw_tensor lengths = gwt_make(op, GWT_U32, GWT_SHAPE(batch, 2));
    for (uint32_t b = 0; b < batch; b++) {
        gwt_write_u32(gwt_rows(lengths, b, b + 1), (uint32_t[]){o.causal ? m - n : 0, m});
    }
    gw_tensor y = gwt_make(op, GWT_F32, q.shape);
    gw_tensor most = gwt_make(op, GWT_F32, GWT_SHAPE(batch, n, heads)), total = gwt_make(op, GWT_F32, most.shape);
    gwt_run(PARAMS(attention, .batch = batch, .n = n, .capacity = m, .heads = heads, .kv_heads = kv_heads,
                   .scale = o.scale != 0 ? o.scale : 1 / __builtin_sqrtf((float)dim)),
            GWT_TENSORS(lengths, q, k, v, y, most, total), o.causal ? 2 : 1, (gwjob_constant[]){{"dim", dim}, {"causal", 1}});
    gwt_release(lengths);
    gwt_release(most);
    gwt_release(total);
    return y;
}

/* Training. */

void gwt_sgd(gw_tensor w, gw_tensor g, gw_tensor velocity, float rate, float momentum, float decay) {
    want_elem("sgd", "w", w, GWT_F32);
    want_like("sgd", "g", g, "w", w);
    want_like("sgd", "velocity", velocity, "w", w);
    gwt_run(PARAMS(sgd, .n = gwt_count(w), .rate = rate, .momentum = momentum, .decay = decay), GWT_TENSORS(w, g, velocity),
            GWT_NO_OVERRIDES);
}

/* 1 / (1 - beta^t), in double up to the end. */
static float correction(float beta, uint32_t t) {
    double power = 1;
    for (uint32_t i = 0; i < t; i++) power *= (double)beta;
    return (float)(1 / (1 - power));
}

static void want_moments(const char *op, gw_tensor w, gw_tensor g, gw_tensor m, gw_tensor v, uint32_t t) {
    want_elem(op, "w", w, GWT_F32);
    want_like(op, "g", g, "w", w);
    want_like(op, "m", m, "w", w);
    want_like(op, "v", v, "w", w);
    if (t == 0) gwjob_failf("%s: step 0, want 1 for the first", op);
}

void gwt_adam(gw_tensor w, gw_tensor g, gw_tensor m, gw_tensor v, uint32_t t, gwt_adam_options o) {
    want_moments("adam", w, g, m, v, t);
    gwt_run(PARAMS(adam, .n = gwt_count(w), .rate = o.rate, .beta1 = o.beta1, .beta2 = o.beta2, .epsilon = o.epsilon,
                   .decay = o.decay, .correct1 = correction(o.beta1, t), .correct2 = correction(o.beta2, t)),
            GWT_TENSORS(w, g, m, v), GWT_NO_OVERRIDES);
}

void gwt_adamw(gw_tensor w, gw_tensor g, gw_tensor m, gw_tensor v, uint32_t t, gwt_adam_options o) {
    want_moments("adamw", w, g, m, v, t);
    gwt_run(PARAMS(adamw, .n = gwt_count(w), .rate = o.rate, .beta1 = o.beta1, .beta2 = o.beta2, .epsilon = o.epsilon,
                   .decay = o.decay, .correct1 = correction(o.beta1, t), .correct2 = correction(o.beta2, t)),
            GWT_TENSORS(w, g, m, v), GWT_NO_OVERRIDES);
}

void gwt_clip(gw_tensor g, gw_tensor squares, float limit) {
    want_elem("clip", "g", g, GWT_F32);
    gwt_want("clip", "squares", squares, GWT_F32, GWT_SHAPE(1));
    gwt_run(PARAMS(clip, .n = gwt_count(g), .limit = limit), GWT_TENSORS(squares, g), GWT_NO_OVERRIDES);
}

/* Randomness. */

gw_tensor gwt_dropout(gw_tensor x, float probability, uint64_t seed, uint32_t stream) {
    want_f32("dropout", x);
    if (!(probability >= 0 && probability < 1)) gwjob_failf("dropout: probability %f, want 0 up to but not 1", (double)probability);
    gw_tensor y = gwt_make("dropout", GWT_F32, x.shape);
    gwt_run(PARAMS(dropout, .n = gwt_count(x), .stream = stream, .seed_low = (uint32_t)seed, .seed_high = (uint32_t)(seed >> 32),
                   .below = (uint32_t)((double)probability * 0x1p32), .factor = (float)(1 / (1 - (double)probability))),
            GWT_TENSORS(x, y), GWT_NO_OVERRIDES);
    return y;
}

static gw_tensor draw(const char *op, const gwt_shape *shape, float a, float b, uint64_t seed, uint32_t stream, uint32_t count,
                      const gwjob_constant *overrides) {
    gw_tensor y = gwt_make(op, GWT_F32, *shape);
    gwt_run(PARAMS(random, .n = gwt_count(y), .stream = stream, .seed_low = (uint32_t)seed, .seed_high = (uint32_t)(seed >> 32),
                   .a = a, .b = b),
            GWT_TENSORS(y), count, overrides);
    return y;
}

gw_tensor gwt_random_uniform(gwt_shape shape, float low, float high, uint64_t seed, uint32_t stream) {
    return draw("random_uniform", &shape, low, high - low, seed, stream, GWT_NO_OVERRIDES);
}

gw_tensor gwt_random_normal(gwt_shape shape, float mean, float deviation, uint64_t seed, uint32_t stream) {
    return draw("random_normal", &shape, mean, deviation, seed, stream, GWT_OVERRIDES({"distribution", 1}));
}

/* bf16. */

static gwt_shape pairs_of(uint32_t n) {
    return GWT_SHAPE(n / 2 + n % 2);
}

gw_tensor gwt_to_bf16(gw_tensor x) {
    want_f32("to_bf16", x);
    uint32_t n = gwt_count(x);
    gw_tensor words = gwt_make("to_bf16", GWT_U32, pairs_of(n));
    gwt_run(PARAMS(f32_to_bf16, .n = n), GWT_TENSORS(x, words), GWT_NO_OVERRIDES);
    return words;
}

gw_tensor gwt_from_bf16(gw_tensor words, gwt_shape shape) {
    gw_tensor y = gwt_make("from_bf16", GWT_F32, shape);
    gwt_want_as("from_bf16", "words", words, GWT_U32, pairs_of(gwt_count(y)), "the result", y);
    gwt_run(PARAMS(bf16_to_f32, .n = gwt_count(y)), GWT_TENSORS(words, y), GWT_NO_OVERRIDES);
    return y;
}
