/* Defect: the source does not compile: a declaration and a semicolon are missing. */
#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv)
    for (;;)
        close(accept(listener, NULL, NUL));
}
