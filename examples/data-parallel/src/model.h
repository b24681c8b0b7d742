/* What the shards and the reduce agree on: a perceptron, 784 -> hidden -> 10 (relu, softmax), and its parameters as one row of f32:
 * 784 x hidden, hidden, hidden x 10, 10. */
#ifndef MODEL_H_
#define MODEL_H_

#include "gwtensor.h"

enum { pixels = 28 * 28, classes = 10, largest_hidden = 512, largest_set = 60000, at_once = 64 };

typedef struct model {
    uint32_t hidden, count; /* of parameters */
    gw_tensor w1, b1, w2, b2;
} model;

static inline uint32_t model_count(uint32_t hidden) {
    return pixels * hidden + hidden + hidden * classes + classes;
}

/* Puts count parameters into tensors of their own. */
static inline model model_of(uint32_t hidden, const float *p) {
    model m = {.hidden = hidden, .count = model_count(hidden)};
    m.w1 = gwt_from_f32(GWT_SHAPE(pixels, hidden), p);
    m.b1 = gwt_from_f32(GWT_SHAPE(hidden), p + pixels * hidden);
    m.w2 = gwt_from_f32(GWT_SHAPE(hidden, classes), p + pixels * hidden + hidden);
    m.b2 = gwt_from_f32(GWT_SHAPE(classes), p + pixels * hidden + hidden + hidden * classes);
    return m;
}

static inline void model_read(const model *m, float *p) {
    gwt_read_f32(m->w1, p);
    gwt_read_f32(m->b1, p + pixels * m->hidden);
    gwt_read_f32(m->w2, p + pixels * m->hidden + m->hidden);
    gwt_read_f32(m->b2, p + pixels * m->hidden + m->hidden + m->hidden * classes);
}

/* The hidden layer before its activation, and what the network says of rows of pixels. */
static inline gw_tensor model_hidden(const model *m, gw_tensor x) {
    return gwt_matmul_with(x, m->w1, (gwt_matmul_options){.bias = m->b1});
}

static inline gw_tensor model_logits(const model *m, gw_tensor active) {
    return gwt_matmul_with(active, m->w2, (gwt_matmul_options){.bias = m->b2});
}

static inline uint32_t big_endian(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Checks the header of an idx file of bytes of so many dimensions and gives its count of elements. */
static inline uint32_t open_idx(const char *name, uint32_t dimensions, uint32_t element) {
    uint8_t head[16];
    uint32_t size = 4 + 4 * dimensions;
    gwjob_input_read(name, 0, head, size);
    if (big_endian(head) != 0x800 + dimensions) {
        gwjob_failf("input %s: magic number %u, want %u, an idx file of bytes in %u dimensions", name, big_endian(head), 0x800 + dimensions, dimensions);
    }
    if (dimensions == 3 && (big_endian(head + 8) != 28 || big_endian(head + 12) != 28)) {
        gwjob_failf("input %s: images of %u by %u, want 28 by 28", name, big_endian(head + 8), big_endian(head + 12));
    }
    uint32_t elements = big_endian(head + 4);
    uint64_t length = gw_input_len(gwjob_input(name)), want = size + (uint64_t)elements * element;
    if (elements == 0 || elements > largest_set || length != want) {
        gwjob_failf("input %s: %llu bytes, %u elements, want 1 to %u of them in %llu bytes", name, (unsigned long long)length,
                    elements, largest_set, (unsigned long long)want);
    }
    return elements;
}

/* The labels of a file, one a byte. */
static inline const uint8_t *load_labels(const char *name, uint32_t count) {
    uint8_t *label = gwjob_alloc(count);
    gwjob_input_read(name, 8, label, count);
    for (uint32_t i = 0; i < count; i++) {
        if (label[i] >= classes) gwjob_failf("input %s: label %u of image %u, want at most %u", name, (uint32_t)label[i], i, classes - 1);
    }
    return label;
}

/* Reads one image as a row with mean 0 and deviation 1 over the training set. */
static inline void load_image(const char *name, uint32_t image, float *row) {
    static uint8_t bytes[pixels];
    gwjob_input_read(name, 16 + (uint64_t)image * pixels, bytes, pixels);
    for (uint32_t i = 0; i < pixels; i++) row[i] = ((float)bytes[i] - 72.94f) * 0.01111f;
}

#endif
