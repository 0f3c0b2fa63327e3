// Defect: accept() also reports what befell one client, and it ends over that (accept(2), ECONNABORTED and EPROTO).

#include "../base.h"

static int accept_or_die(int listener)
{
    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn >= 0) return conn;
        switch (errno) {
        case EINTR: break;
        case EMFILE: case ENFILE: case ENOBUFS: case ENOMEM: poll(NULL, 0, 100); break;
        default: die("accept");
        }
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_or_die(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
