/* What the queue and the lifetime of tensors must get right: each check ends the job where it does not hold. */
#include "gwtensor.h"

enum { large = 25000 };
static float numbers[large];

static gw_tensor filled(gwt_shape shape, uint32_t count, float value) {
    for (uint32_t i = 0; i < count; i++) numbers[i] = value;
    return gwt_from_f32(shape, numbers);
}

static void holds(const char *what, gw_tensor t, float value) {
    gwt_read_f32(t, numbers);
    for (uint32_t i = 0; i < gwt_count(t); i++) {
        if (numbers[i] != value) gwjob_failf("%s: element %u is %f, want %f", what, i, (double)numbers[i], (double)value);
    }
}

/* More dispatches than are queued at once, each with parameters of its own, on buffers that are used again. */
static void many(void) {
    gw_tensor one = filled(GWT_SHAPE(large), large, 1), sum = gwt_zeros(GWT_SHAPE(large));
    for (uint32_t i = 1; i <= 300; i++) {
        gw_tensor next = gwt_axpy((float)i, one, sum);
        gwt_release(sum);
        sum = next;
    }
    holds("a chain of sums", sum, 300 * 301 / 2);
}

/* Zeros are zeros in a buffer that held something else, and what is written comes after what is queued. */
static void again(void) {
    gw_tensor old = filled(GWT_SHAPE(64), 64, 5), doubled = gwt_scale(old, 2);
    gwt_write_f32(old, (float[64]){0});
    holds("a product queued before a write", doubled, 10);
    gwt_release(doubled);
    gw_tensor new = gwt_zeros(GWT_SHAPE(64));
    if (new.storage != doubled.storage) gwjob_fail("the buffer is not used again");
    holds("zeros in a buffer used again", new, 0);
    gwt_release(new);
    gw_tensor words = gwt_zeros_u32(GWT_SHAPE(8, 8));
    if (words.storage != new.storage || words.elem != GWT_U32) gwjob_fail("the buffer is not used again for words");
}

/* More buffers given back than are kept for later, while what reads them is still queued. */
static void given_back(void) {
    enum { count = 100 };
    gw_tensor five = filled(GWT_SHAPE(1), 1, 5), tens[count];
    for (uint32_t i = 0; i < count; i++) {
        gw_tensor fives = gwt_broadcast_rows(five, 64 * (i + 1), 1);
        tens[i] = gwt_scale(fives, 2);
        gwt_release(fives);
    }
    for (uint32_t i = 0; i < count; i++) holds("a product of a tensor that was released", tens[i], 10);
}

/* Scopes within scopes: what is kept goes out by one. */
static gw_tensor inner(void) {
    gwt_begin();
    gw_tensor a = filled(GWT_SHAPE(3), 3, 1), b = gwt_scale(a, 3);
    gwt_begin();
    gw_tensor c = gwt_keep(gwt_add(a, b));
    gwt_end();
    gw_tensor d = gwt_keep(gwt_scale(c, 2));
    gwt_end();
    return d;
}

static void scopes(void) {
    gwt_begin();
    gw_tensor kept = inner();
    for (uint32_t i = 0; i < 500; i++) {
        gwt_begin();
        for (uint32_t j = 1; j <= 4; j++) filled(GWT_SHAPE(large / j), 1, 0);
        gwt_end();
    }
    holds("a tensor that was kept", kept, 8);
    gwt_end();
}

/* Views: read from anywhere, and written where they start at a multiple of 64 elements. */
static void views(void) {
    gw_tensor t = gwt_zeros(GWT_SHAPE(5, 3));
    for (uint32_t i = 0; i < 5; i++) gwt_write_f32(gwt_rows(t, i, i + 1), (float[]){(float)i, (float)i, (float)i});
    holds("a row that was written alone", gwt_rows(t, 3, 4), 3);
    holds("a sum of rows", gwt_add(gwt_rows(t, 1, 2), gwt_rows(t, 4, 5)), 5);
    gw_tensor wide = filled(GWT_SHAPE(3, 64), 192, 2), speed = gwt_zeros(GWT_SHAPE(1, 64));
    gwt_sgd(gwt_rows(wide, 1, 2), gwt_rows(wide, 2, 3), speed, 0.5f, 0, 0);
    holds("a row before one that was trained", gwt_rows(wide, 0, 1), 2);
    holds("a row that was trained with another of its tensor", gwt_rows(wide, 1, 2), 1);
    gwt_sgd(speed, speed, filled(GWT_SHAPE(1, 64), 64, 0), 0.5f, 0, 0);
    holds("a tensor trained with itself", speed, 1);
}

GW_EXPORT(gw_step) int32_t gw_step(void) {
    gwjob_open();
    many();
    again();
    given_back();
    scopes();
    views();
    return GW_DONE;
}
