// Design: the first process watches over one worker, which starts a thread for each connection, and replaces it.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>
#include <sys/prctl.h>

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    serve(conn);
    close(conn);
    return NULL;
}

static void work(int listener)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGTERM, SIG_DFL);

    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        pid_t worker = fork();
        if (worker == 0) work(listener);
        if (worker < 0) poll(NULL, 0, 100);
        while (worker > 0 && waitpid(worker, NULL, 0) < 0 && errno == EINTR) {}
    }
}
