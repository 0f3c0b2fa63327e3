// Defect: the handler calls localtime(), and so does the main loop. localtime() looks for the time zone under a lock
// (signal-safety(7)): where SIGCHLD comes within it, the handler waits for ever for what it has itself interrupted.

#include "../base.h"
#include <time.h>

static char last_end[16], last_client[16];

static void note_time(char *text, size_t size)
{
    time_t now = time(NULL);
    strftime(text, size, "%H:%M:%S", localtime(&now));
}

static void reap(int signo)
{
    int saved_errno = errno;
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0) note_time(last_end, sizeof last_end);
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        int conn = accept_client(listener);
        note_time(last_client, sizeof last_client);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
