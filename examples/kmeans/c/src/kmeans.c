/* k-means (Lloyd's algorithm) over images: see ../../README.md for what comes in and out. One gw_step is one iteration. */
#include "gwtensor.h"

enum { pixels = 28 * 28, classes = 10, most_images = 60000, most_clusters = 256, upload_images = 64 };

static uint32_t n, k, iterations, iteration;
static gw_tensor points, norms, ones, centres;

/* Of the guest, by point: */
static uint32_t *cluster, *index; /* the cluster in the iteration before and in this one */
static float *least, *norm;
static uint8_t *label;
/* and by cluster: */
static uint32_t *count;
static float *centre, *sums;

static uint32_t big_endian(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Checks the header of an idx file of bytes of so many dimensions and gives its count of elements. */
static uint32_t open_idx(const char *name, uint32_t dimensions, uint32_t element) {
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
    if (elements == 0 || elements > most_images || length != want) {
        gwjob_failf("input %s: %llu bytes, %u elements, want 1 to %u of them in %llu bytes", name, (unsigned long long)length,
                    elements, most_images, (unsigned long long)want);
    }
    return elements;
}

/* Uploads the first n images, from 0 to 1. */
static void load_points(void) {
    static uint8_t bytes[upload_images * pixels];
    static float values[upload_images * pixels];
    for (uint32_t from = 0; from < n; from += upload_images) {
        uint32_t images = n - from < upload_images ? n - from : upload_images;
        gwjob_input_read("images", 16 + (uint64_t)from * pixels, bytes, images * pixels);
        for (uint32_t i = 0; i < images * pixels; i++) values[i] = (float)bytes[i] / 255;
        gwt_write_f32(gwt_rows(points, from, from + images), values);
    }
}

GW_EXPORT(gw_init) void gw_init(void) {
    uint32_t images = open_idx("images", 3, pixels);
    if (open_idx("labels", 1, 1) != images) gwjob_fail("input labels: not as many as images");
    n = gwjob_arg_u32("points", 2000, 1, images);
    k = gwjob_arg_u32("k", 10, 1, n < most_clusters ? n : most_clusters);
    iterations = gwjob_arg_u32("iterations", 20, 1, 10000);

    cluster = gwjob_alloc(n * sizeof *cluster);
    index = gwjob_alloc(n * sizeof *index);
    least = gwjob_alloc(n * sizeof *least);
    norm = gwjob_alloc(n * sizeof *norm);
    label = gwjob_alloc(n);
    count = gwjob_alloc(k * sizeof *count);
    centre = gwjob_alloc(k * pixels * sizeof *centre);
    sums = gwjob_alloc(k * pixels * sizeof *sums);
    gwjob_input_read("labels", 8, label, n);
    for (uint32_t i = 0; i < n; i++) {
        if (label[i] >= classes) gwjob_failf("input labels: label %u of image %u, want at most %u", (uint32_t)label[i], i, classes - 1);
    }

    gwjob_open();
    points = gwt_zeros(GWT_SHAPE(n, pixels));
    load_points();
    norms = gwt_sumsq_rows(points);
    gwt_read_f32(norms, norm);
    for (uint32_t i = 0; i < n; i++) least[i] = 1;
    ones = gwt_from_f32(GWT_SHAPE(n), least);

    /* The first centres are points, evenly spread over the file. */
    for (uint32_t i = 0; i < k; i++) {
        uint32_t at = i * (n / k);
        gwt_read_f32(gwt_rows(points, at, at + 1), centre + i * pixels);
    }
    centres = gwt_from_f32(GWT_SHAPE(k, pixels), centre);
}

/* The nearest centre of every point, and the sum of the points of each: |p - c|^2 is |p|^2 + |c|^2 - 2 p c, of which the first
 * is the same for all centres. */
static void assign(void) {
    gwt_begin();
    gw_tensor products = gwt_matmul_with(points, centres, (gwt_matmul_options){.transpose_b = true});
    gw_tensor distances = gwt_bias_add(gwt_scale(products, -2), gwt_sumsq_rows(centres));
    gw_tensor nearest = gwt_argmin(distances);
    gw_tensor members = gwt_scatter(ones, nearest, k);
    gw_tensor totals = gwt_matmul_with(members, points, (gwt_matmul_options){.transpose_a = true});
    gwt_read_f32(gwt_min_rows(distances), least);
    gwt_read_u32(nearest, index);
    gwt_read_f32(totals, sums);
    gwt_end();
}

/* Each centre becomes the mean of its points; one without points stays. */
static void move_centres(void) {
    for (uint32_t j = 0; j < k; j++) count[j] = 0;
    for (uint32_t i = 0; i < n; i++) count[index[i]]++;
    for (uint32_t j = 0; j < k; j++) {
        for (uint32_t i = j * pixels; count[j] != 0 && i < (j + 1) * pixels; i++) centre[i] = sums[i] / (float)count[j];
    }
    gwt_write_f32(centres, centre);
}

/* How many points are in a cluster whose most frequent label is theirs. */
static uint32_t agreement(void) {
    uint32_t agree = 0;
    for (uint32_t j = 0; j < k; j++) {
        uint32_t of[classes] = {0}, most = 0;
        for (uint32_t i = 0; i < n; i++) {
            if (index[i] == j && ++of[label[i]] > most) most = of[label[i]];
        }
        agree += most;
    }
    return agree;
}

static void write_outputs(uint32_t moved, uint64_t inertia) {
    gwjob_output("centres", centre, k * pixels * sizeof *centre);
    uint8_t *clusters = gwjob_alloc(n);
    for (uint32_t i = 0; i < n; i++) clusters[i] = (uint8_t)index[i];
    gwjob_output("clusters", clusters, n);
    gwjob_text text = {0};
    gwjob_addf(&text, "{\"points\":%u,\"k\":%u,\"iterations\":%u,\"moved\":%u,\"inertia\":%llu,\"agree\":%u}\n", n, k, iteration,
               moved, (unsigned long long)inertia, agreement());
    gwjob_output("metrics.json", text.bytes, (uint32_t)text.length);
}

GW_EXPORT(gw_step) int32_t gw_step(void) {
    assign();
    uint32_t moved = 0;
    double inertia = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (iteration == 0 || index[i] != cluster[i]) moved++;
        cluster[i] = index[i];
        float distance = least[i] + norm[i];
        if (distance > 0) inertia += (double)distance;
    }
    uint64_t rounded = (uint64_t)(inertia + 0.5);
    iteration++;
    move_centres();
    gwjob_logf("iteration %u: %u moved, inertia %llu", iteration, moved, (unsigned long long)rounded);
    gwjob_progressf((double)iteration / iterations, "iteration %u", iteration);
    if (moved != 0 && iteration < iterations) return GW_AGAIN;
    write_outputs(moved, rounded);
    return GW_DONE;
}
