/* One shard of data-parallel training: takes the weights of the round before, trains them on its own images for some mini-batches,
 * and puts them out for reduce.c to average. See ../README.md for what comes in and out. One gw_step is one mini-batch. */
#include "model.h"

enum { largest_batch = 1000 };

static uint32_t shard, shards, round, batch, steps, step, images, own;
static float rate, momentum;
static model net, velocity; /* which is zero again in each round */
static float *parameters, *rows;
static uint32_t *order, *wanted;
static const uint8_t *label;
static double loss;

/* Deals the shard's images anew: Fisher-Yates on SplitMix64 (Steele et al. 2014) of the seed, the shard and how often it was done. */
static void shuffle(uint32_t turn) {
    uint64_t state = gw_seed() + ((uint64_t)shard << 48) + ((uint64_t)turn << 32);
    for (uint32_t i = 0; i < own; i++) order[i] = shard + i * shards; /* every shards-th image is this shard's */
    for (uint32_t i = own - 1; i > 0; i--) {
        state += 0x9E3779B97F4A7C15;
        uint64_t z = state;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        z ^= z >> 31;
        uint32_t j = (uint32_t)((z >> 32) * (i + 1) >> 32); /* 0 to i */
        uint32_t t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
}

/* The weights of the round before or, in the first, random ones (He et al. 2015), the same in every shard. */
static void load_parameters(uint32_t hidden) {
    uint32_t count = model_count(hidden);
    int32_t carried = gw_input_find("weights", 7);
    if (carried != GW_NONE) {
        uint64_t have = gw_input_len((uint32_t)carried);
        if (have != count * sizeof *parameters) gwjob_failf("input weights: %llu bytes, want %u numbers", (unsigned long long)have, count);
        gwjob_input_read("weights", 0, parameters, count * sizeof *parameters);
        return;
    }
    gwt_begin();
    float bound1 = __builtin_sqrtf(6.0f / pixels), bound2 = __builtin_sqrtf(6.0f / (float)hidden);
    gwt_read_f32(gwt_random_uniform(GWT_SHAPE(pixels, hidden), -bound1, bound1, gw_seed(), 1), parameters);
    gwt_read_f32(gwt_random_uniform(GWT_SHAPE(hidden, classes), -bound2, bound2, gw_seed(), 2), parameters + pixels * hidden + hidden);
    gwt_end(); /* biases are zero, as gwjob_alloc left them */
}

GW_EXPORT(gw_init) void gw_init(void) {
    images = open_idx("train-images", 3, pixels);
    if (open_idx("train-labels", 1, 1) != images) gwjob_fail("input train-labels: not as many as images");
    shards = gwjob_arg_u32("shards", 1, 1, images);
    shard = gwjob_arg_u32("shard", 0, 0, shards - 1);
    round = gwjob_arg_u32("round", 0, 0, 1000000);
    own = (images - shard + shards - 1) / shards;
    batch = gwjob_arg_u32("batch", 50, 1, own < largest_batch ? own : largest_batch);
    steps = gwjob_arg_u32("steps", 30, 1, 100000);
    uint32_t hidden = gwjob_arg_u32("hidden", 32, 1, largest_hidden), rounds = gwjob_arg_u32("rounds", 1, 1, 1000000);
    /* The rate falls from round to round. */
    rate = gwjob_arg_f32("lr", 0.02f, 0, 100) * (1 - (float)round / (float)rounds);

    momentum = gwjob_arg_f32("momentum", 0.9f, 0, 1);

    parameters = gwjob_alloc(model_count(hidden) * sizeof *parameters);
    rows = gwjob_alloc(batch * pixels * sizeof *rows);
    order = gwjob_alloc(own * sizeof *order);
    wanted = gwjob_alloc(batch * sizeof *wanted);
    label = load_labels("train-labels", images);
    gwjob_open();
    velocity = model_of(hidden, parameters); /* zeros still */
    load_parameters(hidden);
    net = model_of(hidden, parameters);
}

/* One mini-batch: a step of gradient descent with momentum. */
static double train(void) {
    gwt_begin();
    gw_tensor x = gwt_from_f32(GWT_SHAPE(batch, pixels), rows), y = gwt_from_u32(GWT_SHAPE(batch), wanted);
    gw_tensor before = model_hidden(&net, x), active = gwt_activate(before, GWT_RELU), stats;
    gw_tensor logits = model_logits(&net, active), losses = gwt_cross_entropy(logits, y, GWT_NO_LABEL, &stats);
    gw_tensor logits_grad = gwt_cross_entropy_grad(logits, y, stats, GWT_NO_LABEL, 1 / (float)batch);
    gw_tensor active_grad = gwt_matmul_with(logits_grad, net.w2, (gwt_matmul_options){.transpose_b = true});
    gw_tensor before_grad = gwt_activate_grad(before, active_grad, GWT_RELU);
    gwt_sgd(net.w2, gwt_matmul_with(active, logits_grad, (gwt_matmul_options){.transpose_a = true}), velocity.w2, rate, momentum, 0);
    gwt_sgd(net.b2, gwt_sum_columns(logits_grad), velocity.b2, rate, momentum, 0);
    gwt_sgd(net.w1, gwt_matmul_with(x, before_grad, (gwt_matmul_options){.transpose_a = true}), velocity.w1, rate, momentum, 0);
    gwt_sgd(net.b1, gwt_sum_columns(before_grad), velocity.b1, rate, momentum, 0);
    static float each[largest_batch];
    gwt_read_f32(losses, each);
    gwt_end();
    double sum = 0;
    for (uint32_t i = 0; i < batch; i++) sum += (double)each[i];
    return sum / batch;
}

GW_EXPORT(gw_step) int32_t gw_step(void) {
    /* Images that do not fill a mini-batch sit this turn out. */
    uint32_t per_turn = own / batch, at = round * steps + step;
    if (step == 0 || at % per_turn == 0) shuffle(at / per_turn);
    for (uint32_t i = 0; i < batch; i++) {
        uint32_t image = order[at % per_turn * batch + i];
        load_image("train-images", image, rows + i * pixels);
        wanted[i] = label[image];
    }
    loss += train();
    step++;
    gwjob_progressf((double)step / steps, "mini-batch %u of %u", step, steps);
    if (step < steps) return GW_AGAIN;

    model_read(&net, parameters);
    gwjob_output("weights", parameters, net.count * (uint32_t)sizeof *parameters);
    loss /= steps;
    gwjob_output("loss", &loss, sizeof loss);
    gwjob_logf("shard %u of %u, round %u: %u of %u images, mean loss %.4f", shard, shards, round, own, images, loss);
    return GW_DONE;
}
