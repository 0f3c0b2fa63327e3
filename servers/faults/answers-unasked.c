// Defect: it writes its reply as soon as somebody connects, and never reads what they say.

#include "../base.h"

int main(int argc, char **argv)
{
    const char *reply = "200 your request was read\n";
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        write_all(conn, reply, strlen(reply));
        close(conn);
    }
}
