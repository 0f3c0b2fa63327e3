// Defect: a ; ends its if, and so the parent does the child's part, too, serves, and exits (slide 10).

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0);
        {
            close(listener);
            serve(conn);
            close(conn);
            exit(0);
        }
        close(conn);
    }
}
