// Defect: a thread waits for SIGCHLD by sigwaitinfo(); who is stopped and goes on finds EINTR there, and it ends.

#include "../base.h"
#include <pthread.h>

static sigset_t of_children;

static void *reap(void *nothing)
{
    while (sigwaitinfo(&of_children, NULL) >= 0)
        while (waitpid(-1, NULL, WNOHANG) > 0) {}
    return nothing;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    sigemptyset(&of_children);
    sigaddset(&of_children, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &of_children, NULL);
    pthread_t reaper;
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
        close(conn);
    }
}
