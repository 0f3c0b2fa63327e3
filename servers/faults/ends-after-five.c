// Defect: the loop around accept() counts to five, as in a first draft: then the server ends (slide 13).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (int i = 0; i < 5; i++) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
    close(listener);
    while (wait(NULL) > 0 || errno == EINTR) {}
    return 0;
}
