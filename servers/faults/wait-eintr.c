// Defect: a thread waits for the children; when a signal interrupts wait(), it thinks that there are none, and ends.

#include "../base.h"
#include <pthread.h>
#include <semaphore.h>

static sem_t children;

static void *reap(void *nothing)
{
    for (;;) {
        while (sem_wait(&children) < 0) {}
        if (wait(NULL) < 0) die("wait");  // EINTR among the reasons (wait(2), ERRORS)
    }
    return nothing;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    pthread_t reaper;
    sem_init(&children, 0, 0);
    if (pthread_create(&reaper, NULL, reap, NULL) != 0) die("pthread_create");

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        if (pid > 0) sem_post(&children);
        close(conn);
    }
}
