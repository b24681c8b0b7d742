/* gwtensor.h: tensors on the device, and the kernel library as functions of them.
 *
 *     gwjob_open();
 *     gw_tensor x = gwt_from_f32(GWT_SHAPE(2, 3), (float[]){1, 2, 3, 4, 5, 6});
 *     gw_tensor y = gwt_softmax(gwt_scale(x, 0.5f));
 *     float out[6];
 *     gwt_read_f32(y, out);
 *
 * Functions queue work and return at once; gwt_flush hands it to the device, and reading waits for it. What they return is a
 * new tensor but where they say that they write in place. Every one checks its tensors: a wrong shape ends the job with a line
 * such as "matmul: b is f32 [3, 4], want f32 [5, any], as a is f32 [2, 5]". The rows of a tensor are its last dimension.
 *
 * Tensors live until gwt_release, or until the gwt_end of the gwt_begin after which they were made. Their buffers are used
 * again, so that a loop that begins and ends soon makes no more of them. A tensor that was released is an error to use.
 */
#ifndef GWTENSOR_H_
#define GWTENSOR_H_

#include "gwjob.h"
#include "gwlib.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { gwt_dimensions = 4 };

typedef struct gwt_shape {
    uint32_t rank; /* 1 to 4 */
    uint32_t dim[gwt_dimensions];
} gwt_shape;

/* GWT_SHAPE(2, 3) is 2 rows of 3. */
#define GWT_SHAPE(...) ((gwt_shape){sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), {__VA_ARGS__}})

typedef enum gwt_elem { GWT_F32, GWT_U32 } gwt_elem;

/* A tensor is a value: copies of it are the same elements. {0} is none, for what an operation may do without. */
typedef struct gw_tensor {
    gwt_shape shape;
    gwt_elem elem;
    uint32_t storage, made; /* which buffer of the SDK's, and which use of it */
    uint64_t offset;        /* of the first element, in bytes */
} gw_tensor;

#define GWT_NO_TENSOR ((gw_tensor){.storage = 0})

uint32_t gwt_count(gw_tensor t);     /* elements */
uint32_t gwt_columns(gw_tensor t);   /* the last dimension */
uint32_t gwt_row_count(gw_tensor t); /* all others together */

/* Making, writing and reading. The data is copied before the function returns. */
gw_tensor gwt_zeros(gwt_shape shape);
gw_tensor gwt_zeros_u32(gwt_shape shape);
gw_tensor gwt_from_f32(gwt_shape shape, const float *data);
gw_tensor gwt_from_u32(gwt_shape shape, const uint32_t *data);
void gwt_write_f32(gw_tensor t, const float *data); /* all its elements */
void gwt_write_u32(gw_tensor t, const uint32_t *data);
void gwt_read_f32(gw_tensor t, float *to);
void gwt_read_u32(gw_tensor t, uint32_t *to);

/* The same elements in another shape of as many. */
gw_tensor gwt_reshape(gw_tensor t, gwt_shape shape);
/* The entries from up to, but not to, of the first dimension: a view of the same elements, which lives as long as they do.
 * Operations read views from anywhere; those that write in place want one that starts at a multiple of 64 elements. */
gw_tensor gwt_rows(gw_tensor t, uint32_t from, uint32_t to);

/* Lifetime. Between gwt_begin and its gwt_end, tensors are of that scope; gwt_keep hands one over to the scope around it. */
void gwt_begin(void);
void gwt_end(void);
gw_tensor gwt_keep(gw_tensor t);
void gwt_release(gw_tensor t);

/* Hands what is queued to the device: before a step ends, so that its work is done within the step. */
void gwt_flush(void);

/* Any kernel of the library: the words of its parameters, a tensor for each of its bindings (GWT_NO_TENSOR for one that a variant
 * does not read), and overrides by name, those of the tile among them:
 *
 *     gwt_run(&gw_lib_top_k, &(gw_lib_top_k_params){.rows = 4, .n = 9, .k = 2}, GWT_TENSORS(x, values, index),
 *             GWT_OVERRIDES({"most", 8}));
 */
#define GWT_TENSORS(...) sizeof((gw_tensor[]){__VA_ARGS__}) / sizeof(gw_tensor), (gw_tensor[]){__VA_ARGS__}
#define GWT_OVERRIDES(...) sizeof((gwjob_constant[]){__VA_ARGS__}) / sizeof(gwjob_constant), (gwjob_constant[]){__VA_ARGS__}
#define GWT_NO_OVERRIDES 0, NULL
void gwt_run(const gw_lib_op *op, const void *params, uint32_t tensor_count, const gw_tensor *tensors, uint32_t override_count,
             const gwjob_constant *overrides);

/* The buffer of a tensor, whose elements start at byte t.offset of it, for commands of your own: gwt_flush comes before those that
 * are to see what is queued. It is the tensor's as long as that lives. */
WGPUBuffer gwt_buffer(gw_tensor t);

/* Products. a [m, k] and b [k, n] give [m, n]. a may have a batch in front, [z, m, k]; then b is [z, k, n], or [k, n] for all. */
gw_tensor gwt_matmul(gw_tensor a, gw_tensor b);

typedef enum gwt_activation { GWT_NO_ACTIVATION, GWT_RELU, GWT_GELU, GWT_SILU, GWT_TANH, GWT_SIGMOID } gwt_activation;

typedef struct gwt_matmul_options {
    bool transpose_a;          /* a is [k, m] */
    bool transpose_b;          /* b is [n, k] */
    gw_tensor bias;            /* [n], added to every row */
    gwt_activation activation; /* of everything else */
    gw_tensor into;            /* [m, n]: what it holds is added, and it is written in place and returned */
} gwt_matmul_options;
gw_tensor gwt_matmul_with(gw_tensor a, gw_tensor b, gwt_matmul_options options);

/* Element by element. */
gw_tensor gwt_add(gw_tensor x, gw_tensor y);
gw_tensor gwt_mul(gw_tensor x, gw_tensor y);
gw_tensor gwt_scale(gw_tensor x, float a);
gw_tensor gwt_axpy(float a, gw_tensor x, gw_tensor y); /* a x + y */
gw_tensor gwt_bias_add(gw_tensor x, gw_tensor b);      /* b [n] added to every row */
gw_tensor gwt_activate(gw_tensor x, gwt_activation kind);
gw_tensor gwt_activate_grad(gw_tensor x, gw_tensor dy, gwt_activation kind); /* x is what gwt_activate was given */

/* Along rows. */
gw_tensor gwt_softmax(gw_tensor x);
gw_tensor gwt_log_softmax(gw_tensor x);
gw_tensor gwt_softmax_grad(gw_tensor y, gw_tensor dy); /* y is what gwt_softmax gave */
gw_tensor gwt_log_softmax_grad(gw_tensor y, gw_tensor dy);
gw_tensor gwt_layer_norm(gw_tensor x, gw_tensor gain, gw_tensor shift, float epsilon); /* gain and shift [n] */
gw_tensor gwt_rms_norm(gw_tensor x, gw_tensor gain, float epsilon);

/* One number for each row: the shape without its last dimension, [1] of a single row. */
gw_tensor gwt_sum_rows(gw_tensor x);
gw_tensor gwt_mean_rows(gw_tensor x);
gw_tensor gwt_max_rows(gw_tensor x);
gw_tensor gwt_min_rows(gw_tensor x);
gw_tensor gwt_sumsq_rows(gw_tensor x); /* sums of squares */
gw_tensor gwt_argmax(gw_tensor x);     /* u32: the column, the first of equals */
gw_tensor gwt_argmin(gw_tensor x);

/* One number for each column, over all rows: [n]. */
gw_tensor gwt_sum_columns(gw_tensor x);
gw_tensor gwt_mean_columns(gw_tensor x);

gw_tensor gwt_sum_squares(gw_tensor x); /* of all elements: [1] */

/* v [rows] and index u32 [rows] give [rows, n]: v[r] in column index[r] of row r, 0 elsewhere. */
gw_tensor gwt_scatter(gw_tensor v, gw_tensor index, uint32_t n);
gw_tensor gwt_broadcast_rows(gw_tensor v, uint32_t n, float factor);       /* v [rows] gives [rows, n]: row r is factor v[r] */
gw_tensor gwt_broadcast_columns(gw_tensor v, uint32_t rows, float factor); /* v [n] gives [rows, n]: every row is factor v */

/* Losses. */

/* The loss of each row of logits x for its label (u32, a column), and in stats what the gradient wants; stats may be NULL. Labels
 * equal to ignored count as nothing; GWT_NO_LABEL where there are none such. */
#define GWT_NO_LABEL UINT32_MAX
gw_tensor gwt_cross_entropy(gw_tensor x, gw_tensor label, uint32_t ignored, gw_tensor *stats);
gw_tensor gwt_cross_entropy_grad(gw_tensor x, gw_tensor label, gw_tensor stats, uint32_t ignored, float factor); /* times factor */
gw_tensor gwt_mse(gw_tensor x, gw_tensor t);      /* [1]: the mean of squared differences */
gw_tensor gwt_mse_grad(gw_tensor x, gw_tensor t); /* of gwt_mse for x */

/* Layers. */

/* ids u32 [n] and table [vocab, dim] give [n, dim]: the rows that the ids name, zeros for ids past the end. */
gw_tensor gwt_embedding(gw_tensor ids, gw_tensor table);
gw_tensor gwt_embedding_grad(gw_tensor ids, gw_tensor dy, uint32_t vocab); /* of the table: [vocab, dim] */

typedef struct gwt_conv2d_options { /* 0 of a stride, a dilation or of groups is 1 */
    gw_tensor bias; /* [filters] */
    gwt_activation activation;
    uint32_t pad_y, pad_x, stride_y, stride_x, dilation_y, dilation_x, groups;
} gwt_conv2d_options;
/* image [batch, channels, h, w] and weight [filters, channels / groups, ky, kx] give [batch, filters, oh, ow]. */
gw_tensor gwt_conv2d(gw_tensor image, gw_tensor weight, gwt_conv2d_options options);

typedef struct gwt_attention_options {
    float scale; /* 0 is 1 / sqrt(dim) */
    bool causal; /* the queries are the last n of m positions, and see their own and those before */
} gwt_attention_options;
/* q [batch, n, heads, dim], k and v [batch, m, kv_heads, dim] give [batch, n, heads, dim]. kv_heads divides heads; dim is at most
 * 256. */
gw_tensor gwt_attention(gw_tensor q, gw_tensor k, gw_tensor v, gwt_attention_options options);

/* Training: each writes w and its state, all of one shape, in place. */
void gwt_sgd(gw_tensor w, gw_tensor g, gw_tensor velocity, float rate, float momentum, float decay);

typedef struct gwt_adam_options {
    float rate, beta1, beta2, epsilon, decay;
} gwt_adam_options;
#define GWT_ADAM ((gwt_adam_options){.rate = 0.001f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f})
/* Step t, of which the first is 1. The moments m and v are zeros before. */
void gwt_adam(gw_tensor w, gw_tensor g, gw_tensor m, gw_tensor v, uint32_t t, gwt_adam_options options);
void gwt_adamw(gw_tensor w, gw_tensor g, gw_tensor m, gw_tensor v, uint32_t t, gwt_adam_options options);
/* Scales g down to the norm limit, where squares [1] is gwt_sum_squares of all gradients that are clipped together. */
void gwt_clip(gw_tensor g, gw_tensor squares, float limit);

/* Randomness. Different streams of one seed are independent; the same seed and stream give the same numbers. */
gw_tensor gwt_dropout(gw_tensor x, float probability, uint64_t seed, uint32_t stream);
gw_tensor gwt_random_uniform(gwt_shape shape, float low, float high, uint64_t seed, uint32_t stream);
gw_tensor gwt_random_normal(gwt_shape shape, float mean, float deviation, uint64_t seed, uint32_t stream);

/* bf16: two numbers in a word, the first in the lower half: u32 [(count + 1) / 2]. */
gw_tensor gwt_to_bf16(gw_tensor x);
gw_tensor gwt_from_bf16(gw_tensor words, gwt_shape shape);

/* For functions of your own in the same way. */

/* A tensor whose elements are whatever its buffer held: for an operation, named in the message where the shape is wrong, that
 * writes all of them. */
gw_tensor gwt_make(const char *op, gwt_elem elem, gwt_shape shape);
/* Ends the job with "op: name is f32 [3], want f32 [4]" unless t is of that type and shape, in which 0 stands for any dimension;
 * gwt_want_as adds ", as other is f32 [4, 4]". */
void gwt_want(const char *op, const char *name, gw_tensor t, gwt_elem elem, gwt_shape shape);
void gwt_want_as(const char *op, const char *name, gw_tensor t, gwt_elem elem, gwt_shape shape, const char *other, gw_tensor as);
/* Adds "f32 [2, 3]". */
void gwt_describe(gwjob_text *text, gw_tensor t);

#ifdef __cplusplus
}
#endif
#endif
