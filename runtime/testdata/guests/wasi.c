/* What a C program asks of its system in normal use. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void list(const char *path) {
    DIR *d = opendir(path);
    printf("%s:", path);
    for (struct dirent *e; d && (e = readdir(d));) printf(" %s%s", e->d_name, e->d_type == DT_DIR ? "/" : "");
    puts(d ? "" : strerror(errno));
    if (d) closedir(d);
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 0; i < argc; i++) printf("argument %d: %s\n", i, argv[i]);
    printf("HOME is %s, input is %s\n", getenv("HOME") ? "set" : "unset", getchar() == EOF && feof(stdin) ? "at its end" : "there");
    fputs("half a line, ", stderr);
    fputs("the other half\n", stderr);

    struct timespec a, b;
    clock_gettime(CLOCK_REALTIME, &a);
    printf("it is %s", asctime(gmtime(&a.tv_sec)));
    clock_gettime(CLOCK_MONOTONIC, &a);
    sleep(2);
    nanosleep(&(struct timespec){0, 500000000}, NULL);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("slept %.1f seconds\n", b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9);
    unsigned char random[4];
    getentropy(random, sizeof random);
    printf("random bytes %02x%02x%02x%02x\n", random[0], random[1], random[2], random[3]);

    char line[64];
    FILE *f = fopen("data/words.txt", "r");
    while (f && fgets(line, sizeof line, f)) printf("read %s", line);
    if (f) printf("at %ld, ", ftell(f)), rewind(f), printf("first again %s", fgets(line, sizeof line, f)), fclose(f);
    f = fopen("missing", "r");
    printf("missing: %s\n", f ? "opened" : strerror(errno));
    f = fopen("data/words.txt", "r+");
    printf("an input for writing: %s\n", f ? "opened" : strerror(errno));
    f = fopen("result/log.txt", "w");
    fprintf(f, "one\ntwo\nthree\n");
    fseek(f, 4, SEEK_SET);
    fputs("TWO", f);
    fclose(f);
    f = fopen("result/log.txt", "a+");
    fprintf(f, "four\n");
    rewind(f);
    while (fgets(line, sizeof line, f)) printf("wrote %s", line);
    fclose(f);
    struct stat st;
    printf("stat: %d, %lld bytes, %s\n", stat("result/log.txt", &st), (long long)st.st_size, S_ISREG(st.st_mode) ? "a file" : "no file");
    list(".");
    list("data");
    list("nowhere");
    f = fopen("scratch", "w");
    fputs("gone", f);
    fclose(f);
    printf("rename %d, ", rename("scratch", "scratch2"));
    printf("unlink %d, ", unlink("scratch2"));
    printf("again %d (%s)\n", unlink("scratch2"), strerror(errno));
    printf("symlink: %d (%s)\n", symlink("a", "b"), strerror(errno));
    fprintf(stderr, "leaving\n");
    exit(argc > 1 ? atoi(argv[1]) : 0);
}
