// Defect: that a process may be lacking (EAGAIN) it knows; that memory may be (ENOMEM) ends it (fork(2), ERRORS).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid < 0 && errno != EAGAIN) die("fork");
        if (pid == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
