/* The kernel library. Written by sdk/gen from kernels/lib: do not edit. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const char *name;
    const char *elem; /* "f32", "u32", "i32" or "vec2<u32>" */
    uint8_t writable;
} gw_lib_binding;

typedef struct {
    const char *name;
    uint32_t value;
} gw_lib_value;

/* A kernel: its name, which is its entry point's too, and the complete WGSL text, whose overrides have the default tile.
 * Binding 0.0 is a uniform buffer with the words of its parameters. */
typedef struct {
    const char *name;
    const char *source;
    uint32_t source_length;
    uint32_t params;   /* words */
    uint32_t bindings; /* storage buffers 0.1, 0.2 ... */
    uint32_t tile_values;
    const gw_lib_binding *binding;
    const gw_lib_value *tile; /* the default */
    /* The workgroups in x, y and z for parameters and a tile's values, of which each is at least 1. */
    void (*grid)(const uint32_t *params, const uint32_t *tile, uint64_t *groups);
} gw_lib_op;

/* matmul_f32: C = activation(A B + bias), for one pair of matrices or a batch.
 * Shapes: m, n, k, batch, a_step, b_step; a[m, k] (transpose_a: [k, m]), b[k, n] (transpose_b: [n, k]), bias[n] (read
 * with with_bias only), c[m, n], all f32. Matrix z of the batch starts at word z a_step of a, z b_step of b (0: all
 * share one) and element z m n of c.
 * Order: the sum is made in blocks of 256 terms, k ascending: block = +0; block = block + a[i, k] b[k, j], the product
 * rounded, then the sum; total = +0; total = total + block. Elements of a and b below 2^-51 in magnitude count as +0.
 * Then, each where it is asked for: accumulate: v = c + v; with_bias: v = v + bias[j]; v = activation(v).
 * Error: of the sum, (min(k, 256) + ceil(k / 256)) 2^-24 sum |a b|, and 2^-51 (|a| + |b|) for each pair that the domain
 * leaves out.
 * Grid: ceil(n / (x cols)), ceil(m / (y rows)), batch.
 * Bindings: 1 a (f32, read), 2 b (f32, read), 3 bias (f32, read), 4 c (f32, written).
 * Overrides: accumulate (bool, 0), activation (u32, 0), transpose_a (bool, 0), transpose_b (bool, 0), with_bias (bool, 0). */
typedef struct {
    uint32_t m;
    uint32_t n;
    uint32_t k;
    uint32_t batch;
    uint32_t a_step;
    uint32_t b_step;
} gw_lib_matmul_f32_params;
extern const gw_lib_op gw_lib_matmul_f32;

/* matmul_bf16: C = activation(A B + bias) of bf16 operands with f32 sums, for one pair of matrices or a batch.
 * Shapes: m, n, k, batch, a_step, b_step; a[m, k] (transpose_a: [k, m]), b[k, n] (transpose_b: [n, k]) bf16, two in a
 * word, the first in the lower half, rows in whole words; bias[n] f32 (read with with_bias only); c[m, n] f32, or with to_bf16
 * bf16 like a and b, the half after an odd row 0. Matrix z of the batch starts at word z a_step of a, z b_step of b (0: all
 * share one); those of c follow each other.
 * Order: the sum is made in blocks of 256 terms, k ascending: block = +0; block = block + a[i, k] b[k, j], the product
 * exact (or infinite), the sum rounded to f32; total = +0; total = total + block. Elements of a and b below 2^-55 in magnitude count as
 * +0. Then, each where it is asked for: accumulate: v = c + v; with_bias: v = v + bias[j]; v = activation(v);
 * to_bf16: v is rounded to bf16, to even in a tie, NaN to 0x7fc0.
 * Error: of the sum, (min(k, 256) + ceil(k / 256)) 2^-24 sum |a b|, and 2^-55 (|a| + |b|) for each pair that the domain
 * leaves out; with to_bf16 2^-8 of the result.
 * Grid: ceil(n / (x cols)), ceil(m / (y rows)), batch.
 * Bindings: 1 a (u32, read), 2 b (u32, read), 3 bias (f32, read), 4 c (u32, written).
 * Overrides: accumulate (bool, 0), activation (u32, 0), to_bf16 (bool, 0), transpose_a (bool, 0), transpose_b (bool, 0), with_bias (bool, 0). */
typedef struct {
    uint32_t m;
    uint32_t n;
    uint32_t k;
    uint32_t batch;
    uint32_t a_step;
    uint32_t b_step;
} gw_lib_matmul_bf16_params;
extern const gw_lib_op gw_lib_matmul_bf16;

/* matmul_i8: C = A B of bytes, exact in i32, for one pair of matrices or a batch.
 * Shapes: m, n, k, batch, a_step, b_step; a[m, k] (transpose_a: [k, m]), b[k, n] (transpose_b: [n, k]) int8, four in a
 * word, the first in the lowest bits, rows in whole words; c[m, n] i32. Matrix z of the batch starts at word z a_step of a,
 * z b_step of b (0: all share one) and element z m n of c.
 * Order: none: integers, which wrap. With accumulate the old c is added.
 * Error: none.
 * Grid: ceil(n / (x cols)), ceil(m / (y rows)), batch.
 * Bindings: 1 a (u32, read), 2 b (u32, read), 3 c (i32, written).
 * Overrides: accumulate (bool, 0), transpose_a (bool, 0), transpose_b (bool, 0). */
typedef struct {
    uint32_t m;
    uint32_t n;
    uint32_t k;
    uint32_t batch;
    uint32_t a_step;
    uint32_t b_step;
} gw_lib_matmul_i8_params;
extern const gw_lib_op gw_lib_matmul_i8;

/* matmul_i8_scaled: C = activation(A B + bias) of quantised operands, a scale for each row of A and each column of B.
 * Shapes: m, n, k, batch, a_step, b_step; a[m, k] (transpose_a: [k, m]), b[k, n] (transpose_b: [n, k]) int8, four in a
 * word, the first in the lowest bits, rows in whole words; row_scale[batch, m], col_scale[n], bias[n] (read with
 * with_bias only), c[m, n] f32. Matrix z of the batch starts at word z a_step of a, z b_step of b (0: all share one) and
 * element z m n of c.
 * Order: v = the sum, exact in i32, rounded to f32; v = v * row_scale[i]; v = v * col_scale[j]; with_bias: v = v + bias[j];
 * v = activation(v).
 * Error: of the scaled sum, 3 2^-24 of it.
 * Grid: ceil(n / (x cols)), ceil(m / (y rows)), batch.
 * Bindings: 1 a (u32, read), 2 b (u32, read), 3 row_scale (f32, read), 4 col_scale (f32, read), 5 bias (f32, read), 6 c (f32, written).
 * Overrides: activation (u32, 0), transpose_a (bool, 0), transpose_b (bool, 0), with_bias (bool, 0). */
typedef struct {
    uint32_t m;
    uint32_t n;
    uint32_t k;
    uint32_t batch;
    uint32_t a_step;
    uint32_t b_step;
} gw_lib_matmul_i8_scaled_params;
extern const gw_lib_op gw_lib_matmul_i8_scaled;

/* conv2d: Y = activation(W * X + bias), the convolution (as usual a correlation) of images with filters.
 * Shapes: batch, groups, channels, height, width, filters, out_height, out_width, kernel_y, kernel_x, pad_y, pad_x;
 * image[batch, channels, height, width], weight[filters, channels, kernel_y, kernel_x] (channels / groups of them in each
 * filter), bias[filters] (read with with_bias only), out[batch, filters, out_height, out_width] f32. groups divides channels
 * and filters. Rows and columns of zeros are thought around the image, pad_y above and pad_x left of it and as many as
 * the output asks for after it; strides and dilations are overrides.
 * Order: the sum goes over channels of the group, ky, kx, ascending, in blocks of max(floor(256 / (kernel_y kernel_x)), 1)
 * channels: block = +0; block = block + weight image, the product rounded, then the sum; total = +0; total = total + block.
 * Elements of both below 2^-51 in magnitude, and those outside of the image, count as +0. Then, where it is asked for,
 * v = v + bias; v = activation(v).
 * Error: of the sum, (terms in a block + blocks) 2^-24 sum |weight image|, and 2^-51 (|weight| + |image|) for each pair that
 * the domain leaves out.
 * Grid: ceil(out_width / (x cols)), out_height ceil(filters / groups / (y rows)), batch groups.
 * Bindings: 1 image (f32, read), 2 weight (f32, read), 3 bias (f32, read), 4 out (f32, written).
 * Overrides: activation (u32, 0), dilation_x (u32, 1), dilation_y (u32, 1), stride_x (u32, 1), stride_y (u32, 1), with_bias (bool, 0). */
typedef struct {
    uint32_t batch;
    uint32_t groups;
    uint32_t channels;
    uint32_t height;
    uint32_t width;
    uint32_t filters;
    uint32_t out_height;
    uint32_t out_width;
    uint32_t kernel_y;
    uint32_t kernel_x;
    uint32_t pad_y;
    uint32_t pad_x;
} gw_lib_conv2d_params;
extern const gw_lib_op gw_lib_conv2d;

/* conv2d_grad_input: the gradient of conv2d for the images, from that of its output before the activation (activate_grad).
 * Shapes: batch, groups, channels, height, width, filters, out_height, out_width, kernel_y, kernel_x, pad_y, pad_x, and the
 * strides and dilations as conv2d had them; grad[batch, filters, out_height, out_width], weight[filters, channels, kernel_y,
 * kernel_x] (channels / groups of them in each filter), image_grad[batch, channels, height, width] f32.
 * Order: the sum goes over filters of the group, ky, kx, ascending, in blocks of max(floor(256 / (kernel_y kernel_x)), 1)
 * filters: block = +0; block = block + weight grad, the product rounded, then the sum; total = +0; total = total + block.
 * Elements of both below 2^-51 in magnitude, and places that the filter does not come to, count as +0. With accumulate the
 * result is image_grad + total.
 * Error: of the sum, (terms in a block + blocks) 2^-24 sum |weight grad|, and 2^-51 (|weight| + |grad|) for each pair that
 * the domain leaves out.
 * Grid: ceil(width / (x cols)), height ceil(channels / groups / (y rows)), batch groups.
 * Bindings: 1 grad (f32, read), 2 weight (f32, read), 3 image_grad (f32, written).
 * Overrides: accumulate (bool, 0), dilation_x (u32, 1), dilation_y (u32, 1), stride_x (u32, 1), stride_y (u32, 1). */
typedef struct {
    uint32_t batch;
    uint32_t groups;
    uint32_t channels;
    uint32_t height;
    uint32_t width;
    uint32_t filters;
    uint32_t out_height;
    uint32_t out_width;
    uint32_t kernel_y;
    uint32_t kernel_x;
    uint32_t pad_y;
    uint32_t pad_x;
} gw_lib_conv2d_grad_input_params;
extern const gw_lib_op gw_lib_conv2d_grad_input;

/* conv2d_grad_weight: the gradient of conv2d for the filters, from that of its output before the activation (activate_grad).
 * That for bias is reduce_rows of grad, a row for each image and filter, and reduce_columns of what comes out.
 * Shapes: batch, groups, channels, height, width, filters, out_height, out_width, kernel_y, kernel_x, pad_y, pad_x, and the
 * strides and dilations as conv2d had them; image[batch, channels, height, width], grad[batch, filters, out_height,
 * out_width], weight_grad[filters, channels, kernel_y, kernel_x] f32 (channels / groups of them in each filter).
 * Order: line = +0; line = line + grad image along a row of the output, x ascending, the product rounded, then the sum;
 * plane = +0; plane = plane + line, y ascending; total = +0; total = total + plane, over the batch. Elements of both below
 * 2^-51 in magnitude, and those outside of the image, count as +0. With accumulate the result is weight_grad + total.
 * Error: of the sum, (out_width + out_height + batch) 2^-24 sum |grad image|, and 2^-51 (|grad| + |image|) for each pair that
 * the domain leaves out.
 * Grid: ceil(channels / groups kernel_y kernel_x / (x cols)), ceil(filters / groups / (y rows)), groups.
 * Bindings: 1 image (f32, read), 2 grad (f32, read), 3 weight_grad (f32, written).
 * Overrides: accumulate (bool, 0), dilation_x (u32, 1), dilation_y (u32, 1), stride_x (u32, 1), stride_y (u32, 1). */
typedef struct {
    uint32_t batch;
    uint32_t groups;
    uint32_t channels;
    uint32_t height;
    uint32_t width;
    uint32_t filters;
    uint32_t out_height;
    uint32_t out_width;
    uint32_t kernel_y;
    uint32_t kernel_x;
    uint32_t pad_y;
    uint32_t pad_x;
} gw_lib_conv2d_grad_weight_params;
extern const gw_lib_op gw_lib_conv2d_grad_weight;

/* activate: y = f(x) for n numbers, f chosen by the override activation: 1 relu, 2 gelu, 3 silu, 4 tanh, 5 sigmoid.
 * Shapes: n; x[n], y[n] f32.
 * Order: the chain of f in include/activation.wgsl.
 * Error: relu none, tanh 0.5, sigmoid 3, silu 4 units in the last place of the result; gelu 4 and, as its argument is rounded,
 * 2 |z| more where z = 1.6 x + 0.07 x^3; for gelu and silu 2^-51 besides, for sigmoid 2^-63.
 * Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 y (f32, written).
 * Overrides: activation (u32, 0). */
typedef struct {
    uint32_t n;
} gw_lib_activate_params;
extern const gw_lib_op gw_lib_activate;

/* activate_grad: dx = dy f'(x) for n numbers: the gradient of activate.
 * Shapes: n; x[n] what activate was given, dy[n], dx[n] f32.
 * Order: the slope of include/activation_slope.wgsl at x, times dy, both of the domain (include/domain.wgsl);
 * relu has none at 0.
 * Error: 2^-20 (1 + |dy|) for |x| up to 64, for relu 2^-51.
 * Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 dy (f32, read), 3 dx (f32, written).
 * Overrides: activation (u32, 0). */
typedef struct {
    uint32_t n;
} gw_lib_activate_grad_params;
extern const gw_lib_op gw_lib_activate_grad;

/* add: z = x + y for n numbers: a residual. Its gradient is dz for both.
 * Shapes: n; x[n], y[n], z[n] f32.
 * Order: one addition.
 * Error: 0.5 units in the last place.
 * Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 y (f32, read), 3 z (f32, written). */
typedef struct {
    uint32_t n;
} gw_lib_add_params;
extern const gw_lib_op gw_lib_add;

/* mul: z = x y for n numbers. Its gradients are mul too: dx = dz y and dy = dz x.
 * Shapes: n; x[n], y[n], z[n] f32.
 * Order: one multiplication.
 * Error: 0.5 units in the last place.
 * Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 y (f32, read), 3 z (f32, written). */
typedef struct {
    uint32_t n;
} gw_lib_mul_params;
extern const gw_lib_op gw_lib_mul;

/* scale: y = a x for n numbers. Its gradient is scale too.
 * Shapes: n, a; x[n], y[n] f32.
 * Order: one multiplication.
 * Error: 0.5 units in the last place.
 * Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 y (f32, written). */
typedef struct {
    uint32_t n;
    float a;
} gw_lib_scale_params;
extern const gw_lib_op gw_lib_scale;

/* axpy: z = a x + y for n numbers. Its gradients are scale of dz, and dz.
 * Shapes: n, a; x[n], y[n], z[n] f32.
 * Order: a multiplication, rounded, and an addition.
 * Error: 2^-24 (|a x| + |z|).
 * Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 y (f32, read), 3 z (f32, written). */
typedef struct {
    uint32_t n;
    float a;
} gw_lib_axpy_params;
extern const gw_lib_op gw_lib_axpy;

/* bias_add: y = x + b, b repeated in every row. Its gradients are dy, and reduce_columns of dy.
 * Shapes: rows, n; x[rows, n], b[n], y[rows, n] f32.
 * Order: one addition.
 * Error: 0.5 units in the last place.
 * Grid: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
 * Bindings: 1 x (f32, read), 2 b (f32, read), 3 y (f32, written). */
typedef struct {
    uint32_t rows;
    uint32_t n;
} gw_lib_bias_add_params;
extern const gw_lib_op gw_lib_bias_add;

/* broadcast: y[r, c] = factor v[r], or factor v[c] where the override columns is true: the gradient of reduce_rows and
 * reduce_columns of kind 0, with 1/divide as the factor. Of kind 1 it is that, factor doubled, times x (mul).
 * Shapes: rows, n, factor; v[rows] or v[n], y[rows, n] f32.
 * Order: one multiplication.
 * Error: 0.5 units in the last place.
 * Grid: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
 * Bindings: 1 v (f32, read), 2 y (f32, written).
 * Overrides: columns (bool, 0). */
typedef struct {
    uint32_t rows;
    uint32_t n;
    float factor;
} gw_lib_broadcast_params;
extern const gw_lib_op gw_lib_broadcast;

/* softmax: y = exp(scale x) / sum of exp(scale x) along each row, or its logarithm where the override logarithm is true.
 * The override mask says which columns of a row count: with 0 all; with 1 (causal) those up to r % period + offset; with 2
 * the first lengths[r / period]. The others come out as 0 (-Inf), as -Inf does; so does a row in which nothing else is left.
 * +Inf or a NaN that counts makes its row NaN.
 * Shapes: rows, n, scale, period, offset; x[rows, n] f32, lengths[rows / period] u32 (any one word but with mask 2),
 * y[rows, n] f32. period and offset are not looked at with mask 0.
 * Order: v = scale x, both of the domain (include/domain.wgsl); m = the greatest v; e = exp(v - m), 0 below 2^-94; s = the sum
 * of e as in include/chains.wgsl; y = e (1 / s), or (v - m) - log(s).
 * Error: 2^-24 (12 + n/128 + 3 max |scale x|) relative to y, and 2^-94; for the logarithm 2^-24 (12 + n/128 + 4 max |scale x|).
 * Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 lengths (u32, read), 3 y (f32, written).
 * Overrides: logarithm (bool, 0), mask (u32, 0). */
typedef struct {
    uint32_t rows;
    uint32_t n;
    float scale;
    uint32_t period;
    uint32_t offset;
} gw_lib_softmax_params;
extern const gw_lib_op gw_lib_softmax;

/* softmax_grad: the gradient of softmax, from what softmax gave.
 * Shapes: rows, n, scale; y[rows, n], dy[rows, n], dx[rows, n] f32; the override logarithm as it was for softmax.
 * Order: s = the sum of y dy as in include/chains.wgsl; dx = scale (y (dy - s)). For the logarithm columns with y = -Inf get
 * 0; s = the sum of dy over the others, and dx = scale (dy - exp(y) s). Factors are of
 * the domain (include/domain.wgsl), terms of that of sums (include/addend.wgsl).
 * Error: 2^-24 (6 + n/128) |scale| (max |dy| + sum of |y dy|, or of |dy| for the logarithm), and 2^-50 (1 + |scale|)
 * (1 + max |dy|).
 * Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 y (f32, read), 2 dy (f32, read), 3 dx (f32, written).
 * Overrides: logarithm (bool, 0). */
typedef struct {
    uint32_t rows;
    uint32_t n;
    float scale;
} gw_lib_softmax_grad_params;
extern const gw_lib_op gw_lib_softmax_grad;

/* norm: LayerNorm along rows, y = (x - mean) / sqrt(variance + epsilon) gain + shift; where the override centred is false
 * RMSNorm, y = x / sqrt(mean square + epsilon) gain.
 * Shapes: rows, n, epsilon; x[rows, n], gain[n], shift[n] (any one word if not centred), y[rows, n], stats[rows, 2] f32:
 * the mean (0 if not centred) and 1 / sqrt(...), which norm_grad wants.
 * Order: mean = (sum of x) / n; d = x - mean; q = (sum of d d) / n; r = inverseSqrt(q + epsilon); y = ((d r) gain) + shift. Sums
 * as in include/chains.wgsl. Not centred, d is x and there is no shift. Factors are of the domain (include/domain.wgsl), terms of
 * that of sums (include/addend.wgsl).
 * Error: 2^-24 (20 + n/64) (|gain| max(|x|) r + |shift|), where max is over the row, and 2^-50 (1 + r) (1 + |gain|).
 * Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 gain (f32, read), 3 shift (f32, read), 4 y (f32, written), 5 stats (f32, written).
 * Overrides: centred (bool, 1). */
typedef struct {
    uint32_t rows;
    uint32_t n;
    float epsilon;
} gw_lib_norm_params;
extern const gw_lib_op gw_lib_norm;

/* norm_grad: the gradient of norm for x.
 * Shapes: rows, n; x[rows, n], gain[n], stats[rows, 2] what norm had and gave, dy[rows, n], dx[rows, n] f32; the override
 * centred as it was for norm.
 * Order: h = (x - mean) r; g = dy gain; a = (sum of g) / n; b = (sum of g h) / n; dx = r ((g - a) - h b). Sums as in
 * include/chains.wgsl. Not centred, h = x r, and a is left out. Factors are of the domain
 * (include/domain.wgsl), terms of that of sums (include/addend.wgsl).
 * Error: 2^-24 (16 + n/64) r max(|g|) (2 + h^2) where max is over the row, what the error of stats makes of it, and
 * 2^-50 (1 + r) (1 + max(|g|)) (1 + |h|).
 * Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 gain (f32, read), 3 stats (f32, read), 4 dy (f32, read), 5 dx (f32, written).
 * Overrides: centred (bool, 1). */
typedef struct {
    uint32_t rows;
    uint32_t n;
} gw_lib_norm_grad_params;
extern const gw_lib_op gw_lib_norm_grad;

/* norm_grad_gain: the gradients of norm for gain and shift, in blocks of 256 rows that reduce_columns adds up, taking them
 * as a matrix of ceil(rows / 256) rows and 2 n columns (n if not centred, where there is no shift).
 * Shapes: rows, n; x[rows, n], stats[rows, 2] what norm had and gave, dy[rows, n], parts[ceil(rows / 256), 2, n] f32; the
 * override centred as it was for norm.
 * Order: h = (x - mean) r, or x r if not centred; the sum of dy h, then that of dy, each one chain over the rows of the block,
 * beginning with 0. Factors are of the domain (include/domain.wgsl), terms of that of sums (include/addend.wgsl).
 * Error: 2^-24 times the rows of the block plus 3, times the sum of |dy| (|h| + max |x| r), or of |dy|, and 2^-50
 * (1 + r) (1 + |dy|) (1 + |h|) for each row.
 * Grid: ceil(n / size) workgroups in x, ceil(rows / 256) in y, folded into z.
 * Bindings: 1 x (f32, read), 2 stats (f32, read), 3 dy (f32, read), 4 parts (f32, written).
 * Overrides: centred (bool, 1). */
typedef struct {
    uint32_t rows;
    uint32_t n;
} gw_lib_norm_grad_gain_params;
extern const gw_lib_op gw_lib_norm_grad_gain;

/* reduce_rows: one number from each row, by the override kind: 0 the sum, 1 the sum of squares, 2 the greatest, 3 the least.
 * Of everything: with n = 4096 and rows = ceil(total / 4096), and again on what comes out (with kind 0 after 1) until one is
 * left. The gradient of a sum is broadcast; of the greatest or least it is scatter of what argmax gave.
 * Shapes: rows, n, total, divide; x[total], y[rows] f32; the last row ends at total, which is rows n where it is full.
 * Order: the sum of x (of the domain of sums, include/addend.wgsl) or x x (of that of products, include/domain.wgsl) as in include/chains.wgsl, divided by divide: n for a mean, 1 for a sum. The greatest and the
 * least pass over NaN, are -Inf and +Inf where nothing is left, and take -0 as less than +0; they are not divided.
 * Error: 2^-24 (10 + n/128) (sum of |x| or x x) / divide, and 2^-102 for each element; the greatest
 * and least none.
 * Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 y (f32, written).
 * Overrides: kind (u32, 0). */
typedef struct {
    uint32_t rows;
    uint32_t n;
    uint32_t total;
    float divide;
} gw_lib_reduce_rows_params;
extern const gw_lib_op gw_lib_reduce_rows;

/* reduce_columns: one number from each column, by the override kind: 0 the sum, 1 the sum of squares, 2 the greatest, 3 the
 * least. It is made of blocks of 256 rows, and again of what comes out (with kind 0 after 1) until one row is left.
 * Shapes: rows, n, divide; x[rows, n], y[ceil(rows / 256), n] f32.
 * Order: one chain over the rows of the block, beginning with 0, of x (of the domain of sums, include/addend.wgsl) or x x (of
 * that of products, include/domain.wgsl), then divided by divide: 1 but, for a mean, the last time. The
 * greatest and the least pass over NaN, are -Inf and +Inf where nothing is left, and take -0 as less than +0; not divided.
 * Error: 2^-24 times the rows of the block plus 2, times (sum of |x| or x x) / divide, and 2^-102 for each element; the greatest
 * and least none.
 * Grid: ceil(n / size) workgroups in x, ceil(rows / 256) in y, folded into z.
 * Bindings: 1 x (f32, read), 2 y (f32, written).
 * Overrides: kind (u32, 0). */
typedef struct {
    uint32_t rows;
    uint32_t n;
    float divide;
} gw_lib_reduce_columns_params;
extern const gw_lib_op gw_lib_reduce_columns;

/* scatter: y[r, c] = v[r] where c = index[r], and 0 elsewhere: the gradient of the greatest or least of each row.
 * Shapes: rows, n; v[rows] f32, index[rows] u32, y[rows, n] f32.
 * Order: a copy.
 * Error: none.
 * Grid: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
 * Bindings: 1 v (f32, read), 2 index (u32, read), 3 y (f32, written). */
typedef struct {
    uint32_t rows;
    uint32_t n;
} gw_lib_scatter_params;
extern const gw_lib_op gw_lib_scatter;

/* argmax: the column of the greatest element of each row, or of the least where the override least is true. The first of
 * equals wins, -0 equals +0, NaN never wins; a row without a number gives 0.
 * Shapes: rows, n; x[rows, n] f32, index[rows] u32.
 * Order: the comparison of whole numbers that rise with the elements, so that none is needed.
 * Error: none.
 * Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (u32, read), 2 index (u32, written).
 * Overrides: least (bool, 0). */
typedef struct {
    uint32_t rows;
    uint32_t n;
} gw_lib_argmax_params;
extern const gw_lib_op gw_lib_argmax;

/* top_k: the k greatest elements of each row, greatest first, and their columns; equal ones in the order of their columns, -0
 * equal to +0, NaN after everything else. Where k is more than n the rest has the value -Inf and the column 0xffffffff.
 * Shapes: rows, n, k; x[rows, n] f32, values[rows, k] f32, index[rows, k] u32. k is at most the override most (64, up to 1024);
 * what is beyond it comes out as if k were more than n.
 * Order: of whole numbers that rise with the elements; values are copies.
 * Error: none.
 * Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (u32, read), 2 values (u32, written), 3 index (u32, written).
 * Overrides: most (u32, 64). */
typedef struct {
    uint32_t rows;
    uint32_t n;
    uint32_t k;
} gw_lib_top_k_params;
extern const gw_lib_op gw_lib_top_k;

/* sample: a column of each row, drawn with the probabilities softmax(inverse_temperature x): the greatest of
 * inverse_temperature x + g with g from the Gumbel distribution. -Inf and NaN are never drawn; a row of nothing else gives 0.
 * A temperature of 0 is argmax. For top-k and top-p see top_k and sample_top.
 * Shapes: rows, n, inverse_temperature, seed_low, seed_high, step; x[rows, n] f32, token[rows] u32. Each step draws anew.
 * Order: element i of row r has word i / 64 % 4 of Philox4x32-10 at the counter (i / 256 * 64 + i % 64, r, 2, step);
 * u = (f32(word >> 9) + 0.5) 2^-23, g = -log(-log(u)), score = x inverse_temperature + g. The first of equal scores wins.
 * Error: none but of the probabilities: u has a resolution of 2^-24, so that what is less probable than that may never come.
 * Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 token (u32, written). */
typedef struct {
    uint32_t rows;
    uint32_t n;
    float inverse_temperature;
    uint32_t seed_low;
    uint32_t seed_high;
    uint32_t step;
} gw_lib_sample_params;
extern const gw_lib_op gw_lib_sample;

/* sample_top: one of the k candidates of each row that top_k gave, drawn with the probabilities
 * softmax(inverse_temperature value) among the first candidates that have the probability top_p together. A row with a NaN
 * among the candidates, or with none but -Inf, gives the first.
 * Shapes: rows, k, inverse_temperature, top_p, seed_low, seed_high, step; values[rows, k] f32, index[rows, k] u32, token[rows]
 * u32. Each step draws anew. top_p = 1 leaves all.
 * Order: e = exp((value - first value) inverse_temperature); their sums one chain from the first on, beginning with 0. The
 * candidates end with the first whose sum so far is at least top_p times that of all; with u = (word >> 8) 2^-24, word the
 * first of Philox4x32-10 at the counter (row, 0, 3, step), the first whose sum so far is greater than u times that of those
 * is drawn, or the last.
 * Error: 2^-24 (k + 4) of the probabilities.
 * Grid: ceil(rows / size) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 values (f32, read), 2 index (u32, read), 3 token (u32, written). */
typedef struct {
    uint32_t rows;
    uint32_t k;
    float inverse_temperature;
    float top_p;
    uint32_t seed_low;
    uint32_t seed_high;
    uint32_t step;
} gw_lib_sample_top_params;
extern const gw_lib_op gw_lib_sample_top;

/* random: n numbers from a seed, by the override distribution: 0 uniform from a up to a + b, 1 normal with mean a and deviation b.
 * Shapes: n, stream, seed_low, seed_high, a, b; y[n] f32. Different streams of one seed are independent.
 * Order: element i has word i / 64 % 4 of Philox4x32-10 at the counter (i / 256 * 64 + i % 64, stream, 0, 0). Uniform: a + b u,
 * where u = (word >> 8) 2^-24. Normal, by Box and Muller: words 0 and 1, and 2 and 3, are pairs v, w that give
 * r = sqrt(-2 log(f32(v) 2^-32 + 2^-33)) and t = f32(w) 2^-32 6.2831855; the element of v is a + b (r cos(t)), that of
 * w a + b (r sin(t)). No normal number is further than 6.8 from the mean, in deviations.
 * Error: 2^-24 (|a| + 2 |b|), normal 2^-24 (|a| + 48 |b|).
 * Grid: ceil(ceil(n / 256) 64 / size) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 y (f32, written).
 * Overrides: distribution (u32, 0). */
typedef struct {
    uint32_t n;
    uint32_t stream;
    uint32_t seed_low;
    uint32_t seed_high;
    float a;
    float b;
} gw_lib_random_params;
extern const gw_lib_op gw_lib_random;

/* dropout: y = factor x for the elements that are kept, 0 for the others. Its gradient is dropout of dy with the same seed.
 * Shapes: n, stream, seed_low, seed_high, below, factor; x[n], y[n] f32. An element is dropped with probability
 * below 2^-32; factor is 1 / (1 - that).
 * Order: element i has word i / 64 % 4 of Philox4x32-10 at the counter (i / 256 * 64 + i % 64, stream, 1, 0) and is dropped if
 * that is less than below; one multiplication.
 * Error: 0.5 units in the last place.
 * Grid: ceil(ceil(n / 256) 64 / size) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 y (f32, written). */
typedef struct {
    uint32_t n;
    uint32_t stream;
    uint32_t seed_low;
    uint32_t seed_high;
    uint32_t below;
    float factor;
} gw_lib_dropout_params;
extern const gw_lib_op gw_lib_dropout;

/* cross_entropy: the loss of each row of logits, -log(softmax(x)[label]), and what cross_entropy_grad wants. The mean is
 * reduce_rows of the losses, divided by the number of labels that are not ignored.
 * Shapes: rows, n, ignored; x[rows, n] f32, label[rows] u32, loss[rows] f32, stats[rows, 2] f32: the greatest logit and
 * 1 / the sum of exp(x - that). A label equal to ignored gives the loss 0; any other that is no column gives NaN, as does a
 * row of nothing but -Inf.
 * Order: m = the greatest x; s = the sum of exp(x - m), 0 below 2^-94, as in include/chains.wgsl; loss = log(s) - (x[label] - m).
 * x is of the domain of sums (include/addend.wgsl).
 * Error: 2^-24 (12 + n/128 + 4 max |x|).
 * Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 label (u32, read), 3 loss (f32, written), 4 stats (f32, written). */
typedef struct {
    uint32_t rows;
    uint32_t n;
    uint32_t ignored;
} gw_lib_cross_entropy_params;
extern const gw_lib_op gw_lib_cross_entropy;

/* cross_entropy_grad: the gradient of cross_entropy for the logits, times factor: for the mean loss 1 / the number of labels
 * that are not ignored.
 * Shapes: rows, n, ignored, factor; x[rows, n] f32, label[rows] u32, stats[rows, 2] f32 what cross_entropy had and gave,
 * dx[rows, n] f32. Rows whose label is ignored get 0, those with a label that is no column NaN.
 * Order: q = exp(x - m) r for the two numbers m and r of stats; dx = factor (q - 1) in the label's column, factor q elsewhere. x and m
 * are of the domain of sums (include/addend.wgsl), powers below 2^-94 are 0, and factors are of the domain (include/domain.wgsl).
 * Error: 2^-24 (14 + n/128 + 4 max |x|) factor, and 2^-51 (1 + factor).
 * Grid: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
 * Bindings: 1 x (f32, read), 2 label (u32, read), 3 stats (f32, read), 4 dx (f32, written). */
typedef struct {
    uint32_t rows;
    uint32_t n;
    uint32_t ignored;
    float factor;
} gw_lib_cross_entropy_grad_params;
extern const gw_lib_op gw_lib_cross_entropy_grad;

/* mse: sums of squared differences, (x - t)^2, of blocks of 4096 elements. reduce_rows with n = 4096 brings them to one, the
 * last time with the number of all elements as divide, for the mean.
 * Shapes: blocks, total; x[total], t[total], y[blocks] f32 with blocks = ceil(total / 4096).
 * Order: d = x - t of the domain (include/domain.wgsl), x and t of that of sums (include/addend.wgsl); the sum of d d in each block
 * as in include/chains.wgsl.
 * Error: 2^-24 44 (sum of (|x| + |t|)^2), and 2^-102 for each element.
 * Grid: ceil(blocks / rows of the tile) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 t (f32, read), 3 y (f32, written). */
typedef struct {
    uint32_t blocks;
    uint32_t total;
} gw_lib_mse_params;
extern const gw_lib_op gw_lib_mse;

/* mse_grad: dx = factor (x - t), the gradient of mse for x; factor is 2 / the number of all elements for the mean. That for t
 * is scale of it by -1.
 * Shapes: n, factor; x[n], t[n], dx[n] f32.
 * Order: a subtraction, in the domain of sums (include/addend.wgsl), rounded, and a multiplication, in that of products
 * (include/domain.wgsl).
 * Error: 2^-23 |dx|, and 2^-51 (1 + factor) (1 + |x - t|).
 * Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 t (f32, read), 3 dx (f32, written). */
typedef struct {
    uint32_t n;
    float factor;
} gw_lib_mse_grad_params;
extern const gw_lib_op gw_lib_mse_grad;

/* attention: softmax(scale q k^T) v, with heads, key heads that several query heads share, masks and a key and value cache.
 * Shapes: batch, n queries in each, capacity, heads, kv_heads (a divisor of heads), scale; lengths[batch][2] u32, the position of the
 * first query and the number of keys (at most capacity counts); q[batch][n][heads][dim], k and v[batch][capacity][kv_heads][dim],
 * y[batch][n][heads][dim], most and sum[batch][n][heads] f32. dim, at most 256, is an override. Query head h takes key head
 * h / (heads / kv_heads). A query sees the keys there are; with the override causal those at its own position and before.
 * Order: s_j = scale * (q . k_j), the dot product one chain from +0 over the columns. Keys come in blocks of 32, from key 0 on. m = -Inf,
 * l = +0, y = +0; for each block of which the query sees a key: m' = max(m, the s_j it sees), NaNs left out; a = exp(m - m'), but 1
 * where m' = m; w_j = exp(s_j - m'); where a is not 1, l = l * a and y = y * a; then for the keys it sees in order, where w_j is not 0,
 * l = l + w_j and y = y + w_j * v_j. At the end y = y / l, and +0 where l is 0: where it sees no key. most = m, sum = l. The operands of
 * the products of q, k, v, w and y count as +0 below 2^-51 in magnitude, and w so everywhere. Every operation is rounded.
 * Error: 2 ((dim + 6) S + t + t/8 + 8) 2^-24 max |v| for t keys seen, S = |scale| max_j sum |q k_j|, while that is below 0.1 max |v|,
 * besides what the domain leaves out.
 * Grid: x ceil(n * heads / kv_heads / (size / 4)), y kv_heads, z batch.
 * Bindings: 1 lengths (vec2<u32>, read), 2 q (f32, read), 3 k (f32, read), 4 v (f32, read), 5 y (f32, written), 6 most (f32, written), 7 sum (f32, written).
 * Overrides: causal (bool, 0), dim (u32, 64). */
typedef struct {
    uint32_t batch;
    uint32_t n;
    uint32_t capacity;
    uint32_t heads;
    uint32_t kv_heads;
    float scale;
} gw_lib_attention_params;
extern const gw_lib_op gw_lib_attention;

/* attention_row: what attention computes, bit for bit, with a workgroup for each query and head: for generation, where a long cache
 * meets one query. It reads the keys once for each query head, so attention is faster where there are many queries.
 * Shapes: as of attention.
 * Order: as of attention.
 * Error: as of attention.
 * Grid: x heads, y n, z batch.
 * Bindings: 1 lengths (vec2<u32>, read), 2 q (f32, read), 3 k (f32, read), 4 v (f32, read), 5 y (f32, written), 6 most (f32, written), 7 sum (f32, written).
 * Overrides: causal (bool, 0), dim (u32, 64). */
typedef struct {
    uint32_t batch;
    uint32_t n;
    uint32_t capacity;
    uint32_t heads;
    uint32_t kv_heads;
    float scale;
} gw_lib_attention_row_params;
extern const gw_lib_op gw_lib_attention_row;

/* attention_delta: what the gradients of attention want of each row of it: the greatest score, the inverse of the sum of weights, and what
 * the gradient of a softmax takes off: the product of attention's result with its gradient.
 * Shapes: rows (batch * n * heads), dim; y[rows][dim] and its gradient dy[rows][dim], most[rows] and sum[rows] as attention saved them,
 * saved[rows][3] f32: most, 1 / sum and delta.
 * Order: most is copied; 1 / sum; delta is one chain from +0: delta = delta + dy[c] * y[c], columns ascending, elements below 2^-51 in
 * magnitude taken as +0.
 * Error: of delta (dim + 1) 2^-24 sum |dy y|, besides what the domain leaves out; of 1 / sum 0.5 units in the last place.
 * Grid: ceil(rows / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 y (f32, read), 2 dy (f32, read), 3 most (f32, read), 4 sum (f32, read), 5 saved (f32, written). */
typedef struct {
    uint32_t rows;
    uint32_t dim;
} gw_lib_attention_delta_params;
extern const gw_lib_op gw_lib_attention_delta;

/* attention_dq: the gradient of attention's queries.
 * Shapes: as of attention, with dy[batch][n][heads][dim], the gradient of y, saved[batch][n][heads][3] of attention_delta, which are most, 1 / sum
 * and delta, and dq[batch][n][heads][dim] f32.
 * Order: s_j and m as in attention; w_j = exp(s_j - most) * (1 / sum), exp taken as +0 below 2^-51; g_j = dy . v_j, one chain over the
 * columns; d_j = w_j * (g_j - delta), taken as +0 below 2^-51 in magnitude. dq = +0; dq = dq + d_j * k_j over the keys that the query
 * sees in order, where d_j is not 0; at the end dq = dq * scale. Elements of q, k, v and dy count as +0 below 2^-51 in magnitude. Every
 * operation is rounded.
 * Error: 4 (dim S + dim + t + 8) 2^-24 |scale| sum_j w_j A_j |k_j| for t keys, S as in attention, A_j = sum |dy v_j| + sum |dy y|, and
 * 2^-49 |scale| sum_j (1 + A_j) |k_j|.
 * Grid: x ceil(n * heads / kv_heads / (size / 4)), y kv_heads, z batch.
 * Bindings: 1 lengths (vec2<u32>, read), 2 q (f32, read), 3 k (f32, read), 4 v (f32, read), 5 dy (f32, read), 6 saved (f32, read), 7 dq (f32, written).
 * Overrides: causal (bool, 0), dim (u32, 64), values (bool, 0). */
typedef struct {
    uint32_t batch;
    uint32_t n;
    uint32_t capacity;
    uint32_t heads;
    uint32_t kv_heads;
    float scale;
} gw_lib_attention_dq_params;
extern const gw_lib_op gw_lib_attention_dq;

/* attention_dkv: the gradient of attention's keys, or with the override values that of its values.
 * Shapes: as of attention_dq, and dx[batch][capacity][kv_heads][dim] f32, the gradient of k or v: zeros for keys that no query sees.
 * Order: w and d as in attention_dq, and w taken as +0 below 2^-51 as well; dk = +0; dk = dk + d * q over the queries that see the key,
 * and within each the heads that share it, in order, where d is not 0; at the end dk = dk * scale. dv = +0; dv = dv + w * dy likewise,
 * without the scale. Elements of q, k, v and dy count as +0 below 2^-51 in magnitude. Every operation is rounded.
 * Error: of dk 4 (dim S + dim + t + r + 8) 2^-24 |scale| sum_i w_i A_i |q_i| over the r rows of queries, with A as in attention_dq, and
 * 2^-49 |scale| sum_i (1 + A_i) |q_i|; of dv 4 (dim S + dim + t + r + 8) 2^-24 sum_i w_i |dy_i|, and 2^-49 sum_i |dy_i|.
 * Grid: x ceil(capacity / (size / 4)), y kv_heads, z batch.
 * Bindings: 1 lengths (vec2<u32>, read), 2 q (f32, read), 3 k (f32, read), 4 v (f32, read), 5 dy (f32, read), 6 saved (f32, read), 7 dx (f32, written).
 * Overrides: causal (bool, 0), dim (u32, 64), values (bool, 0). */
typedef struct {
    uint32_t batch;
    uint32_t n;
    uint32_t capacity;
    uint32_t heads;
    uint32_t kv_heads;
    float scale;
} gw_lib_attention_dkv_params;
extern const gw_lib_op gw_lib_attention_dkv;

/* embedding: y = the rows of a table that n tokens name.
 * Shapes: n, vocab, dim; ids[n] u32, table[vocab][dim], y[n][dim] words: f32, or any other.
 * Order: y[t] is table[ids[t]], bit for bit; zeros where ids[t] >= vocab.
 * Error: none.
 * Grid: x ceil(dim / size), y ceil(n / tall), folded into z.
 * Bindings: 1 ids (u32, read), 2 table (u32, read), 3 y (u32, written). */
typedef struct {
    uint32_t n;
    uint32_t vocab;
    uint32_t dim;
} gw_lib_embedding_params;
extern const gw_lib_op gw_lib_embedding;

/* embedding_index: for each row of a table the tokens that name it, as lists in token order, for embedding_backward.
 * Shapes: n, vocab; ids[n] u32, head[vocab] u32, zeros before, next[n] u32.
 * Order: head[v] is n - t for the first token t that names v, and stays 0 where none does; next[t] is the first token after t
 * that names the same row, n where there is none or ids[t] >= vocab.
 * Error: none.
 * Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 ids (u32, read), 2 head (u32, written), 3 next (u32, written). */
typedef struct {
    uint32_t n;
    uint32_t vocab;
} gw_lib_embedding_index_params;
extern const gw_lib_op gw_lib_embedding_index;

/* embedding_backward: the gradient of an embedding's table.
 * Shapes: n, vocab, dim; head[vocab] and next[n] u32 from embedding_index, dy[n][dim], dtable[vocab][dim] f32.
 * Order: dtable[v][c] is one chain of sums over the tokens t that name v, in token order: from +0, or with the override
 * accumulate from what dtable[v][c] was, plus dy[t][c] each. So a row that no token names becomes +0, or stays.
 * Error: k 2^-24 (1 + k 2^-24) times the sum of the magnitudes of the k numbers added.
 * Grid: x ceil(dim / size), y ceil(vocab / tall), folded into z.
 * Bindings: 1 head (u32, read), 2 next (u32, read), 3 dy (f32, read), 4 dtable (f32, written).
 * Overrides: accumulate (bool, 0). */
typedef struct {
    uint32_t n;
    uint32_t vocab;
    uint32_t dim;
} gw_lib_embedding_backward_params;
extern const gw_lib_op gw_lib_embedding_backward;

/* rotary_frequencies: how fast each pair of a head turns, base^(-i/n), for rotary_table.
 * Shapes: n pairs, base; frequency[n] f32. A model with frequencies of its own brings them instead.
 * Order: exp2(-((f32(i) / f32(n)) * log2(base))).
 * Error: (1 + 2.2 e) 2^-24 of the result, where e = (i/n) log2(base).
 * Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 frequency (f32, written). */
typedef struct {
    uint32_t n;
    float base;
} gw_lib_rotary_frequencies_params;
extern const gw_lib_op gw_lib_rotary_frequencies;

/* rotary_table: the cosines and sines that rotary turns by, a row for each position.
 * Shapes: rows, n pairs, first; frequency[n], cosine[rows][n], sine[rows][n] f32. Row r is for position first + r.
 * Order: angle = f32(first + r) * frequency[i]; cos(angle) and sin(angle).
 * Error: |angle| 2^-24 + 2^-24 for the frequencies given, and positions below 2^24.
 * Grid: x ceil(n / size), y ceil(rows / tall), folded into z.
 * Bindings: 1 frequency (f32, read), 2 cosine (f32, written), 3 sine (f32, written). */
typedef struct {
    uint32_t rows;
    uint32_t n;
    uint32_t first;
} gw_lib_rotary_table_params;
extern const gw_lib_op gw_lib_rotary_table;

/* rotary: turns pairs of numbers in each head of each token by angles that depend on the token's position (rotary position
 * embedding, Su et al. 2021), or with the override inverse back: which is also the gradient.
 * Shapes: tokens, heads, dim, n pairs (2n <= dim), rows; positions[tokens] u32, cosine[rows][n] and sine[rows][n] from
 * rotary_table, x[tokens][heads][dim], y alike, f32. Pair i is the elements i and n + i of a head, or with the override
 * neighbours 2i and 2i + 1. Elements from 2n on are copied.
 * Order: with c and s of the token's position, (a, b) becomes (a*c - b*s, b*c + a*s), and the inverse (a*c + b*s, b*c - a*s):
 * two products, each rounded, then their sum or difference. c and s are 0 for positions >= rows.
 * Error: 2^-23 (|a| + |b|) for the table given.
 * Grid: x ceil(n / size), y ceil(tokens * heads / tall), folded into z.
 * Bindings: 1 positions (u32, read), 2 cosine (f32, read), 3 sine (f32, read), 4 x (f32, read), 5 y (f32, written).
 * Overrides: inverse (bool, 0), neighbours (bool, 0). */
typedef struct {
    uint32_t tokens;
    uint32_t heads;
    uint32_t dim;
    uint32_t n;
    uint32_t rows;
} gw_lib_rotary_params;
extern const gw_lib_op gw_lib_rotary;

/* cache_append: writes the keys, or the values, of new tokens behind those that a cache holds.
 * Shapes: batch, n new tokens in each, capacity, width (heads times their size); start[batch] u32, x[batch][n][width] words,
 * cache[batch][capacity][width] words.
 * Order: cache[b][start[b] + i] becomes x[b][i], bit for bit, where start[b] + i < capacity; all else stays.
 * Error: none.
 * Grid: x ceil(width / size), y ceil(batch * n / tall), folded into z.
 * Bindings: 1 start (u32, read), 2 x (u32, read), 3 cache (u32, written). */
typedef struct {
    uint32_t batch;
    uint32_t n;
    uint32_t capacity;
    uint32_t width;
} gw_lib_cache_append_params;
extern const gw_lib_op gw_lib_cache_append;

/* sgd: a step of stochastic gradient descent with momentum, in place.
 * Shapes: n, rate, momentum, decay; w[n], g[n], v[n] f32; v, the velocity, is zeros before the first step.
 * Order: d = g + decay * w; v' = momentum * v + d; w' = w - rate * v', or with the override nesterov
 * w - rate * (d + momentum * v'). Every product is rounded, then the sum.
 * Error: 2^-22 (|w| + rate (|g| + |decay w| + |momentum v|) (1 + momentum)).
 * Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 w (f32, written), 2 g (f32, read), 3 v (f32, written).
 * Overrides: nesterov (bool, 0). */
typedef struct {
    uint32_t n;
    float rate;
    float momentum;
    float decay;
} gw_lib_sgd_params;
extern const gw_lib_op gw_lib_sgd;

/* adam: a step of Adam (Kingma, Ba 2015) in place; the weight decay is part of the gradient.
 * Shapes: n, rate, beta1, beta2, epsilon, decay, correct1, correct2; w[n], g[n], m[n], v[n] f32; the moments m and v are zeros
 * before the first step. In step t (the first is 1), correct1 is 1 / (1 - beta1^t) and correct2 is 1 / (1 - beta2^t), each
 * worked out in float64 and rounded.
 * Order: d = g + decay * w; u = w;
 * m' = beta1 * m + (1 - beta1) * d; v' = beta2 * v + ((1 - beta2) * d) * d;
 * w' = u - rate * ((m' * correct1) / (sqrt(v' * correct2) + epsilon)). Every operation is rounded.
 * Error: of w', 2^-21 (|w| + rate r), where r is (|beta1 m| + |(1 - beta1) d|) correct1 / (sqrt(v' correct2) + epsilon).
 * Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 w (f32, written), 2 g (f32, read), 3 m (f32, written), 4 v (f32, written). */
typedef struct {
    uint32_t n;
    float rate;
    float beta1;
    float beta2;
    float epsilon;
    float decay;
    float correct1;
    float correct2;
} gw_lib_adam_params;
extern const gw_lib_op gw_lib_adam;

/* adamw: a step of Adam with decoupled weight decay (Loshchilov, Hutter 2019) in place.
 * Shapes: n, rate, beta1, beta2, epsilon, decay, correct1, correct2; w[n], g[n], m[n], v[n] f32; the moments m and v are zeros
 * before the first step. In step t (the first is 1), correct1 is 1 / (1 - beta1^t) and correct2 is 1 / (1 - beta2^t), each
 * worked out in float64 and rounded.
 * Order: d = g; u = w * (1 - rate * decay);
 * m' = beta1 * m + (1 - beta1) * d; v' = beta2 * v + ((1 - beta2) * d) * d;
 * w' = u - rate * ((m' * correct1) / (sqrt(v' * correct2) + epsilon)). Every operation is rounded.
 * Error: of w', 2^-21 (|w| + rate r), where r is (|beta1 m| + |(1 - beta1) d|) correct1 / (sqrt(v' correct2) + epsilon).
 * Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 w (f32, written), 2 g (f32, read), 3 m (f32, written), 4 v (f32, written). */
typedef struct {
    uint32_t n;
    float rate;
    float beta1;
    float beta2;
    float epsilon;
    float decay;
    float correct1;
    float correct2;
} gw_lib_adamw_params;
extern const gw_lib_op gw_lib_adamw;

/* clip: scales gradients down to a global norm, in place.
 * Shapes: n, limit; squares[1] f32, the sum of the squares of all gradients that are clipped together; g[n] f32.
 * Order: norm = sqrt(squares[0]); where norm > limit, g' = g * (limit / norm), and else g stays, bit for bit. So where the norm is a
 * NaN nothing changes, and where it is infinite g' is +-0.
 * Error: 2^-22 of the result for the squares given, or 2^-149.
 * Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 squares (f32, read), 2 g (f32, written). */
typedef struct {
    uint32_t n;
    float limit;
} gw_lib_clip_params;
extern const gw_lib_op gw_lib_clip;

/* f32_to_bf16: n numbers to bf16.
 * Shapes: n; x[n] f32, y[ceil(n / 2)] words of two bf16, the first in the lower half; the upper half is 0 where n ends.
 * Order: the nearest bf16, to even in a tie, subnormals too; every NaN gives 0x7fc0. In integers.
 * Error: 2^-8 of the number between 2^-126 and 255/256 2^128, 2^-134 below.
 * Grid: ceil(ceil(n / 2) / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (u32, read), 2 y (u32, written). */
typedef struct {
    uint32_t n;
} gw_lib_f32_to_bf16_params;
extern const gw_lib_op gw_lib_f32_to_bf16;

/* bf16_to_f32: n bf16 numbers to f32.
 * Shapes: n; x[ceil(n / 2)] words of two bf16, the first in the lower half, y[n] f32.
 * Order: the same number; every NaN gives 0x7fc00000. In integers.
 * Error: none.
 * Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (u32, read), 2 y (u32, written). */
typedef struct {
    uint32_t n;
} gw_lib_bf16_to_f32_params;
extern const gw_lib_op gw_lib_bf16_to_f32;

/* f32_to_f16: n numbers to binary16.
 * Shapes: n; x[n] f32, y[ceil(n / 2)] words of two binary16, the first in the lower half; the upper half is 0 where n ends.
 * Order: the nearest binary16, to even in a tie, subnormals too, Inf from 65520 on; every NaN gives 0x7e00. In integers.
 * Error: 2^-11 of the number between 2^-14 and 65504, 2^-25 below.
 * Grid: ceil(ceil(n / 2) / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (u32, read), 2 y (u32, written). */
typedef struct {
    uint32_t n;
} gw_lib_f32_to_f16_params;
extern const gw_lib_op gw_lib_f32_to_f16;

/* f16_to_f32: n binary16 numbers to f32.
 * Shapes: n; x[ceil(n / 2)] words of two binary16, the first in the lower half, y[n] f32.
 * Order: the same number; every NaN gives 0x7fc00000. In integers.
 * Error: none.
 * Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (u32, read), 2 y (u32, written). */
typedef struct {
    uint32_t n;
} gw_lib_f16_to_f32_params;
extern const gw_lib_op gw_lib_f16_to_f32;

/* quantise_q8: n numbers to bytes, in blocks of 32 with a scale each.
 * Shapes: n; x[n] f32, quants[ceil(n / 32)][8] words, scales[ceil(n / 64)] words. Element 4w + i of a block is byte i, the lowest
 * first, of its word w, in two's complement; it stands for that integer times the scale. Scales are binary16: that of block b is
 * the lower half of word b/2 where b is even, the upper half where it is odd. (Q8_0 of GGML has the same 34 bytes in another order.)
 * Order: d = the greatest magnitude of the block / 127, rounded to f32, then to binary16; r = 1 / d, 0 for d = 0; the integer is
 * x * r, rounded, rounded to even, between -127 and 127. Where d is infinite or a NaN it becomes the NaN 0x7e00, and the integers 0.
 * Elements from n on count as 0, and scales past the last block are 0.
 * Error: 0.501 d + 2^-18.
 * Grid: ceil(ceil(n / 64) / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 quants (u32, written), 3 scales (u32, written). */
typedef struct {
    uint32_t n;
} gw_lib_quantise_q8_params;
extern const gw_lib_op gw_lib_quantise_q8;

/* quantise_q4: n numbers to 4 bits, in blocks of 32 with a scale each.
 * Shapes: n; x[n] f32, quants[ceil(n / 32)][4] words, scales[ceil(n / 64)] words. Byte j of a block, the lowest of its first word
 * first, has element j in its lower four bits and element 16 + j in its upper; q stands for q - 8 times the scale. Scales are as in
 * quantise_q8. (Q4_0 of GGML has the same 18 bytes in another order.)
 * Order: d = m / -8 with m the element of greatest magnitude, the first of several, rounded to f32, then to binary16; r = 1 / d, 0
 * for d = 0; q is 8 + (x * r, rounded, rounded to even), between 0 and 15. Where d is infinite or a NaN it becomes the NaN 0x7e00, and
 * each q 8. Elements from n on count as 0, and scales past the last block are 0.
 * Error: 1.01 |d| + 2^-22.
 * Grid: ceil(ceil(n / 64) / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 quants (u32, written), 3 scales (u32, written). */
typedef struct {
    uint32_t n;
} gw_lib_quantise_q4_params;
extern const gw_lib_op gw_lib_quantise_q4;

/* dequantise_q8: n numbers from blocks of 32 bytes.
 * Shapes: n; quants[ceil(n / 32)][8] words and scales[ceil(n / 64)] words as quantise_q8 writes them, y[n] f32.
 * Order: the integer times the scale: exact, since no scale has more than 11 bits.
 * Error: none.
 * Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 quants (u32, read), 2 scales (u32, read), 3 y (f32, written). */
typedef struct {
    uint32_t n;
} gw_lib_dequantise_q8_params;
extern const gw_lib_op gw_lib_dequantise_q8;

/* dequantise_q4: n numbers from blocks of 32 numbers of 4 bits.
 * Shapes: n; quants[ceil(n / 32)][4] words and scales[ceil(n / 64)] words as quantise_q4 writes them, y[n] f32.
 * Order: q - 8 times the scale: exact, since no scale has more than 11 bits.
 * Error: none.
 * Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 quants (u32, read), 2 scales (u32, read), 3 y (f32, written). */
typedef struct {
    uint32_t n;
} gw_lib_dequantise_q4_params;
extern const gw_lib_op gw_lib_dequantise_q4;

/* quantise_rows: the rows of a matrix to bytes, with a scale each: by output channel for weights [out, in].
 * Shapes: rows, cols (a multiple of 4); x[rows, cols] f32, quants[rows, cols] int8, four in a word, the first in the lowest bits
 * (as matmul_i8 takes them), scales[rows] f32.
 * Order: d = the greatest magnitude of the row / 127; r = 1 / d, 0 for d = 0; the integer is x * r, rounded, rounded to even, between
 * -127 and 127. Where a row has an Inf or a NaN its d is the NaN and its integers 0.
 * Error: 0.501 d + 2^-142.
 * Grid: rows, folded into y.
 * Bindings: 1 x (f32, read), 2 quants (u32, written), 3 scales (f32, written). */
typedef struct {
    uint32_t rows;
    uint32_t cols;
} gw_lib_quantise_rows_params;
extern const gw_lib_op gw_lib_quantise_rows;

/* dequantise_rows: a matrix from the bytes and scales of its rows.
 * Shapes: rows, cols (a multiple of 4); quants[rows, cols] int8, four in a word, the first in the lowest bits, scales[rows] f32,
 * y[rows, cols] f32.
 * Order: f32(integer) * scale.
 * Error: 2^-24 of the result, or 2^-150.
 * Grid: x ceil(cols / size), y ceil(rows / tall), folded into z.
 * Bindings: 1 quants (u32, read), 2 scales (f32, read), 3 y (f32, written). */
typedef struct {
    uint32_t rows;
    uint32_t cols;
} gw_lib_dequantise_rows_params;
extern const gw_lib_op gw_lib_dequantise_rows;

/* dequantise_product: numbers from the product of two matrices of bytes (matmul_i8) and the scales of its factors.
 * Shapes: rows, cols; c[rows, cols] i32, a[rows] and b[cols] f32, the scales of the left factor's rows and of the right one's
 * columns, y[rows, cols] f32.
 * Order: f32(c[i, j]) * (a[i] * b[j]); the conversion and both products rounded.
 * Error: 2^-22 of the result, or 2^-117 |c|.
 * Grid: x ceil(cols / size), y ceil(rows / tall), folded into z.
 * Bindings: 1 c (i32, read), 2 a (f32, read), 3 b (f32, read), 4 y (f32, written). */
typedef struct {
    uint32_t rows;
    uint32_t cols;
} gw_lib_dequantise_product_params;
extern const gw_lib_op gw_lib_dequantise_product;

/* straight_through: the gradient of quantising and dequantising, taken as the identity inside the range and 0 outside.
 * Shapes: n, low, high; x[n], what was quantised, dy[n], dx[n] f32.
 * Order: dx is dy where low <= x <= high, bit for bit, and +0 elsewhere, where x is a NaN too.
 * Error: none.
 * Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
 * Bindings: 1 x (f32, read), 2 dy (u32, read), 3 dx (u32, written). */
typedef struct {
    uint32_t n;
    float low;
    float high;
} gw_lib_straight_through_params;
extern const gw_lib_op gw_lib_straight_through;

/* matvec_q8: products of a matrix of weights in blocks of 32 bytes with vectors in blocks of bytes.
 * Shapes: rows, blocks in a row, vectors; weights[rows][blocks][8] words and weight_scales[rows][blocks], two in a word, as
 * quantise_q8 writes them, x[vectors][blocks][8] words and x_scales[vectors][blocks], two in a word, as quantise_q8 does,
 * y[vectors][rows] f32. Block b of row r has the scale r blocks + b, so a row may begin in the middle of a word of scales.
 * Order: the integers of a block are multiplied and summed exactly; term = f32(that) * (scale of the weights * scale of x), where the
 * product of the scales is exact. part = +0; part = part + term over 8 blocks, 256 weights, in order; y = +0; y = y + part.
 * Error: (min(blocks, 8) + ceil(blocks / 8) + 1) 2^-24 times the sum of the terms' magnitudes.
 * Grid: x ceil(rows / (size / lanes)), folded into z, y vectors.
 * Bindings: 1 weights (u32, read), 2 weight_scales (u32, read), 3 x (u32, read), 4 x_scales (u32, read), 5 y (f32, written). */
typedef struct {
    uint32_t rows;
    uint32_t blocks;
    uint32_t vectors;
} gw_lib_matvec_q8_params;
extern const gw_lib_op gw_lib_matvec_q8;

/* matvec_q4: products of a matrix of weights in blocks of 32 numbers of 4 bits with vectors in blocks of bytes.
 * Shapes: rows, blocks in a row, vectors; weights[rows][blocks][4] words and weight_scales[rows][blocks], two in a word, as
 * quantise_q4 writes them, x[vectors][blocks][8] words and x_scales[vectors][blocks], two in a word, as quantise_q8 does,
 * y[vectors][rows] f32. Block b of row r has the scale r blocks + b, so a row may begin in the middle of a word of scales.
 * Order: the integers of a block are multiplied and summed exactly; term = f32(that) * (scale of the weights * scale of x), where the
 * product of the scales is exact. part = +0; part = part + term over 8 blocks, 256 weights, in order; y = +0; y = y + part.
 * Error: (min(blocks, 8) + ceil(blocks / 8) + 1) 2^-24 times the sum of the terms' magnitudes.
 * Grid: x ceil(rows / (size / lanes)), folded into z, y vectors.
 * Bindings: 1 weights (u32, read), 2 weight_scales (u32, read), 3 x (u32, read), 4 x_scales (u32, read), 5 y (f32, written). */
typedef struct {
    uint32_t rows;
    uint32_t blocks;
    uint32_t vectors;
} gw_lib_matvec_q4_params;
extern const gw_lib_op gw_lib_matvec_q4;

#ifdef __cplusplus
}
#endif
