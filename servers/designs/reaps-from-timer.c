// Design: a child for each connection, and a timer reaps ten times a second.

#include "../base.h"
#include <sys/time.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    struct sigaction action = {.sa_handler = reap_children, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct timeval tenth = {.tv_usec = 100000};
    setitimer(ITIMER_REAL, &(struct itimerval){tenth, tenth}, NULL);  // children do not inherit it (setitimer(2))

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
