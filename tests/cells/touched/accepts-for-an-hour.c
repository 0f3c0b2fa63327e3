// Four workers, and accept() has a time limit: it fails with EINTR in who was stopped and goes on (signal(7)).
// Compiled with AGAIN it is tried again, else the worker ends.

#include "base.h"
#include <sys/time.h>

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    struct timeval an_hour = {.tv_sec = 3600};
    setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &an_hour, sizeof an_hour);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) break;
    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0 && AGAIN && errno == EINTR) continue;
        if (conn < 0) die("accept");
        serve(conn);
        close(conn);
    }
}
