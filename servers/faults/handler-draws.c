// Defect: the handler calls random(), and so does the main loop. random() takes a lock (signal-safety(7) does not list it): where
// SIGCHLD comes while the loop has that, the handler waits for it for ever.

#include "../base.h"

enum { PLACES = 64 };
static long last_tickets[PLACES];
static unsigned count;

static void reap(int signo)
{
    int saved_errno = errno;
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        last_tickets[random() % PLACES] = 0;  // a place that is free again, by lot
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        int conn = accept_client(listener);
        last_tickets[count++ % PLACES] = random();
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
