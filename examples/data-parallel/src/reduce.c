/* The reduce of data-parallel training: averages the weights that the shards come to, in their order, and classifies the test images
 * with the average. See ../README.md for what comes in and out. One gw_step adds one shard, and then classifies 64 images. */
#include "model.h"

static uint32_t shards, hidden, round, images, next, shown, right;
static float *parameters, *rows;
static const uint8_t *label;
static gw_tensor total;
static model net;
static double loss;

GW_EXPORT(gw_init) void gw_init(void) {
    images = open_idx("test-images", 3, pixels);
    if (open_idx("test-labels", 1, 1) != images) gwjob_fail("input test-labels: not as many as images");
    shards = gwjob_arg_u32("shards", 1, 1, 1000);
    round = gwjob_arg_u32("round", 0, 0, 1000000);
    hidden = gwjob_arg_u32("hidden", 32, 1, largest_hidden);
    parameters = gwjob_alloc(model_count(hidden) * sizeof *parameters);
    rows = gwjob_alloc(at_once * pixels * sizeof *rows);
    label = load_labels("test-labels", images);
    gwjob_open();
    total = gwt_zeros(GWT_SHAPE(model_count(hidden)));
}

/* Adds the weights of a shard: the sum of each weight is one chain of additions, from the first shard to the last. */
static void add(uint32_t shard) {
    gwjob_text name = {0};
    gwjob_addf(&name, "shard-%s%s%u/weights", shard < 100 ? "0" : "", shard < 10 ? "0" : "", shard);
    uint32_t count = model_count(hidden);
    uint64_t have = gw_input_len(gwjob_input(name.bytes));
    if (have != count * sizeof *parameters) gwjob_failf("input %s: %llu bytes, want %u numbers", name.bytes, (unsigned long long)have, count);
    gwjob_input_read(name.bytes, 0, parameters, count * sizeof *parameters);
    gwt_begin();
    gw_tensor sum = gwt_keep(gwt_add(total, gwt_from_f32(GWT_SHAPE(count), parameters)));
    gwt_end();
    gwt_release(total);
    total = sum;
    double its;
    name.length -= 7;
    gwjob_add(&name, "loss");
    name.bytes[name.length] = 0;
    gwjob_input_read(name.bytes, 0, &its, sizeof its);
    loss += its / shards;
}

static void average(void) {
    gwt_read_f32(gwt_scale(total, 1 / (float)shards), parameters);
    net = model_of(hidden, parameters);
    gwjob_output("weights", parameters, net.count * (uint32_t)sizeof *parameters);
}

static void classify(void) {
    uint32_t n = images - shown < at_once ? images - shown : at_once, said[at_once];
    uint8_t bytes[at_once];
    for (uint32_t i = 0; i < n; i++) load_image("test-images", shown + i, rows + i * pixels);
    gwt_begin();
    gw_tensor active = gwt_activate(model_hidden(&net, gwt_from_f32(GWT_SHAPE(n, pixels), rows)), GWT_RELU);
    gwt_read_u32(gwt_argmax(model_logits(&net, active)), said);
    gwt_end();
    for (uint32_t i = 0; i < n; i++) {
        right += said[i] == label[shown + i];
        bytes[i] = (uint8_t)said[i];
    }
    gwjob_output("predictions", bytes, n);
    shown += n;
}

GW_EXPORT(gw_step) int32_t gw_step(void) {
    if (next < shards) {
        add(next++);
        if (next == shards) average();
        gwt_flush();
        return GW_AGAIN;
    }
    classify();
    gwjob_progressf((double)shown / images, "%u of %u test images", shown, images);
    if (shown < images) return GW_AGAIN;
    gwjob_text text = {0};
    gwjob_addf(&text, "{\"round\": %u, \"shards\": %u, \"accuracy\": %.4f, \"correct\": %u, \"test_images\": %u, \"loss\": %.4f}\n", round, shards,
               (double)right / images, right, images, loss);
    gwjob_output("metrics.json", text.bytes, (uint32_t)text.length);
    gwjob_logf("round %u: accuracy %.2f%% on %u test images, loss %.4f", round, 100.0 * right / images, images, loss);
    return GW_DONE;
}
