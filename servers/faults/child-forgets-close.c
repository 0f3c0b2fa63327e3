// Defect: the child has answered, and neither closes the connection nor exits: it sleeps for ever.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            serve(conn);
            for (;;) pause();
        }
        close(conn);
    }
}
