/* Ends as its argument says. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    printf("before\n");
    if (!strcmp(argv[1], "assert")) assert(argc == 99);
    if (!strcmp(argv[1], "abort")) abort();
    return atoi(argv[1]);
}
