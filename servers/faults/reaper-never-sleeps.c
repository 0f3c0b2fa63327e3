// Defect: a thread reaps in a loop around wait(), which fails at once while there is no child.

#include "../base.h"
#include <pthread.h>

static void *reap(void *nothing)
{
    (void)nothing;
    for (;;) wait(NULL);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    pthread_t reaper;
    if (pthread_create(&reaper, NULL, reap, NULL) != 0) die("pthread_create");

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
