// Defect: where sixty-four children serve the parent waits for a place, and ends when SIGCHLD interrupts sem_wait().

#include "../base.h"
#include <semaphore.h>

enum { PLACES = 64 };

static sem_t places;

static void give_back(int signo)
{
    int saved_errno = errno;
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0) sem_post(&places);
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    sem_init(&places, 0, PLACES);
    handle_sigchld(give_back, SA_NOCLDSTOP);

    for (;;) {
        if (sem_wait(&places) < 0) die("sem_wait");
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        if (pid < 0) sem_post(&places);
        close(conn);
    }
}
