/* A shard or a reduce, as its arguments have it, without kernels: numbers that depend on everything they are made of and on the
 * order in which they are joined.
 *
 * A shard (argument shard=I) mixes its place, the seed and what was carried to it (input sum) in ten steps of work=N turns each, and
 * puts out part (8 bytes) and note (its place as text, which nobody gathers). A reduce joins part of all shards in their order and
 * puts out sum (8 bytes). fail=I ends shard I, mute=I keeps its part back. */
#include "gwjob.h"

static uint64_t value = 1469598103934665603u;
static uint32_t work, done;

static void mix(const void *data, uint32_t size) {
    for (uint32_t i = 0; i < size; i++) value = (value ^ ((const uint8_t *)data)[i]) * 1099511628211u; /* FNV-1a */
}

static int mix_input(const char *name, uint32_t length) {
    int32_t at = gw_input_find(name, length);
    if (at == GW_NONE) return 0;
    uint64_t in;
    if (gw_input_read((uint32_t)at, 0, &in, 8) != 8) gwjob_fail("an input is too short");
    mix(&in, 8);
    return 1;
}

static void number(const char *name) {
    uint32_t n = gwjob_arg_u32(name, UINT32_MAX, 0, UINT32_MAX);
    mix(&n, 4);
}

GW_EXPORT(gw_init) void gw_init(void) {
    uint64_t seed = gw_seed();
    mix(&seed, 8);
    number("shard");
    number("shards");
    number("round");
    number("rounds");
    mix_input("sum", 3);
    work = gwjob_arg_u32("work", 1, 1, 1000000000);
}

GW_EXPORT(gw_step) int32_t gw_step(void) {
    uint32_t shard = gwjob_arg_u32("shard", UINT32_MAX, 0, UINT32_MAX);
    if (shard == UINT32_MAX) {
        uint32_t shards = gwjob_arg_u32("shards", 0, 1, 1000);
        for (uint32_t i = 0; i < shards; i++) {
            gwjob_text name = {0};
            gwjob_addf(&name, "shard-%s%s%u/part", i < 100 ? "0" : "", i < 10 ? "0" : "", i);
            if (!mix_input(name.bytes, (uint32_t)name.length)) gwjob_failf("no input %s", name.bytes);
        }
        if (gw_input_count() != shards) gwjob_fail("more inputs than shards");
        gwjob_output("sum", &value, 8);
        return GW_DONE;
    }
    for (uint32_t i = 0; i < work; i++) mix(&i, 4);
    done++;
    gwjob_progressf((double)done / 10, "step %u", done);
    if (done < 10) return GW_AGAIN;
    if (gwjob_arg_u32("fail", UINT32_MAX, 0, UINT32_MAX) == shard) gwjob_fail("told to fail");
    if (gwjob_arg_u32("mute", UINT32_MAX, 0, UINT32_MAX) != shard) gwjob_output("part", &value, 8);
    gwjob_text note = {0};
    gwjob_addf(&note, "shard %u\n", shard);
    gwjob_output("note", note.bytes, (uint32_t)note.length);
    return GW_DONE;
}
