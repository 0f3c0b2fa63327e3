// Hostile: it has eight children, of which each takes 509 MB and writes to every page.

#include "attempt.h"
#include <sys/wait.h>

enum { CHILDREN = 8, MB = 1 << 20, EACH = 509 };

static const char *attempt(void)
{
    int done[2];
    pid_t children[CHILDREN];
    if (pipe(done) != 0) return NULL;
    for (int n = 0; n < CHILDREN; n++)
        if ((children[n] = fork()) == 0) {
            for (int mb = 0; mb < EACH; mb++) {
                char *piece = malloc(MB);
                if (piece == NULL) break;
                memset(piece, 1, MB);
                if (write(done[1], "x", 1) != 1) break;
            }
            close(done[0]);
            close(done[1]);
            for (;;) pause();
        }
    close(done[1]);
    long taken = 0;
    char some[4096];
    for (ssize_t got; (got = read(done[0], some, sizeof some)) > 0 && taken < CHILDREN * EACH;) taken += got;
    long living = 0;
    for (int n = 0; n < CHILDREN; n++) {
        living += children[n] > 0 && waitpid(children[n], NULL, WNOHANG) == 0;
        if (children[n] > 0) kill(children[n], SIGKILL);
        if (children[n] > 0) waitpid(children[n], NULL, 0);
    }
    return living == CHILDREN && taken == CHILDREN * EACH ? "4072 MB are taken" : NULL;
}
