/* Defect: answer() is declared and called; the file in which it stands was not handed in. */
#include "../base.h"

void answer(int conn);

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    for (;;) {
        int conn = accept(listener, NULL, NULL);
        answer(conn);
        close(conn);
    }
}
