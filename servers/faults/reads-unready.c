// Defect: poll() tells that a client has spoken, and the loop reads from all: it sleeps for the first that has not.

#include "../base.h"

#define MOST 1024

int main(int argc, char **argv)
{
    static struct pollfd watched[MOST];
    int count = 1;
    watched[0] = (struct pollfd){.fd = listen_on(argc, argv), .events = POLLIN};

    for (;;) {
        if (poll(watched, count, -1) < 0) continue;
        if (watched[0].revents & POLLIN) {
            int conn = accept(watched[0].fd, NULL, NULL);
            if (conn < 0) continue;
            if (count == MOST)
                close(conn);
            else
                watched[count++] = (struct pollfd){.fd = conn, .events = POLLIN};
            continue;
        }
        for (int i = 1; i < count; i++) {
            serve(watched[i].fd);
            close(watched[i].fd);
        }
        count = 1;
    }
}
