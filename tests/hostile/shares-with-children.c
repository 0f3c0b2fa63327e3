// Hostile: it has twenty children that share its 256 MB.

#include "attempt.h"
#include <sys/wait.h>

enum { CHILDREN = 20, BYTES = 256 << 20 };

static const char *attempt(void)
{
    char *shared = malloc(BYTES);
    if (shared == NULL) return NULL;
    memset(shared, 1, BYTES);
    int done[2];
    pid_t children[CHILDREN];
    if (pipe(done) != 0) return NULL;
    for (int n = 0; n < CHILDREN; n++)
        if ((children[n] = fork()) == 0) {
            long sum = 0;
            for (int at = 0; at < BYTES; at += 4096) sum += shared[at];
            if (write(done[1], sum > 0 ? "x" : "", 1) != 1) _exit(1);
            close(done[0]);
            close(done[1]);
            for (;;) pause();
        }
    close(done[1]);
    char some;
    while (read(done[0], &some, 1) == 1) continue;
    sleep(2);  // for who looks now and then
    long living = 0;
    for (int n = 0; n < CHILDREN; n++) {
        living += children[n] > 0 && waitpid(children[n], NULL, WNOHANG) == 0;
        if (children[n] > 0) kill(children[n], SIGKILL);
        if (children[n] > 0) waitpid(children[n], NULL, 0);
    }
    return count_of("children share its memory", living);
}
