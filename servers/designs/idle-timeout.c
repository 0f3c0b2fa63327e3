// A child for each connection; who has said nothing for nine seconds is thrown out, as the assignment wants.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        if (fork() == 0) {
            close(listener);
            struct pollfd client = {.fd = conn, .events = POLLIN};
            if (poll(&client, 1, 9 * 1000) > 0) serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
