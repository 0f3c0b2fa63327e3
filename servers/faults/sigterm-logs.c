// Defect: the handler for SIGTERM calls syslog(), and so does the main loop. syslog() holds a lock meanwhile
// (signal-safety(7)): where SIGTERM comes within it, the handler waits for ever for what it has itself interrupted.

#include "../base.h"
#include <syslog.h>

static void end_and_tell(int signo)
{
    syslog(LOG_INFO, "told to end");
    end_together(signo);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    signal(SIGTERM, end_and_tell);

    for (;;) {
        int conn = accept_client(listener);
        syslog(LOG_INFO, "a client has come");
        if (fork() == 0) {
            signal(SIGTERM, SIG_DFL);
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
