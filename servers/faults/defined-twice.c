/* Defect: a function has the name of one that the C library defines, too: the linker refuses both. */
#include "../base.h"

void _init(void)
{
    signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    _init();
    for (;;)
        close(accept(listener, NULL, NULL));
}
