// Sound: a thread waits for the children. Where none has ended it naps, and so reaps as late as one that gets no processor.

#include "base.h"
#include <pthread.h>

static void *reap(void *unused)
{
    (void)unused;
    for (;;)
        if (waitpid(-1, NULL, WNOHANG) <= 0) usleep(400 * 1000);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    pthread_t thread;
    if (pthread_create(&thread, NULL, reap, NULL) != 0) die("pthread_create");

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
