// Defect: it lets two clients in before it reads from the first: who comes alone is not served.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conns[2];
        for (int i = 0; i < 2; i++) conns[i] = accept_client(listener);
        for (int i = 0; i < 2; i++) {
            serve(conns[i]);
            close(conns[i]);
        }
    }
}
