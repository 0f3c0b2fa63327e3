// Defect: the handler calls syslog(), and so does the main loop. syslog() holds a lock meanwhile (signal-safety(7)): where
// SIGCHLD comes within it, the handler waits for ever for what it has itself interrupted.

#include "../base.h"
#include <syslog.h>

static void reap(int signo)
{
    int saved_errno = errno;
    (void)signo;
    for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;) syslog(LOG_INFO, "child %d has ended", (int)pid);
    errno = saved_errno;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        int conn = accept_client(listener);
        syslog(LOG_INFO, "a client has come");
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
