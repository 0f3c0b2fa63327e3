// Defect: four children are forked beforehand, and no more: four silent clients occupy them all.

#include "../base.h"

enum { CHILDREN = 4 };

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (int i = 0; i < CHILDREN; i++)
        if (fork() == 0)
            for (;;) {
                int conn = accept_client(listener);
                serve(conn);
                close(conn);
            }
    while (wait(NULL) > 0) {}
}
