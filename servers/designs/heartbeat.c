// Design: a child for each connection; beside it a thread wakes five times a second, and counts.

#include "../base.h"
#include <pthread.h>

static volatile unsigned long beats;

static void *beat(void *nothing)
{
    for (;;) {
        poll(NULL, 0, 200);
        beats++;
    }
    return nothing;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    pthread_t heart;
    if (pthread_create(&heart, NULL, beat, NULL) != 0) die("pthread_create");

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {  // the child has one thread, this one (fork(2))
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
