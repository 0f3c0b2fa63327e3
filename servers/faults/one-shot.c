// Defect: there is no loop. It serves one client, and then main() is over.

#include "../base.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    int conn = accept_client(listener);
    serve(conn);
    close(conn);
    return 0;
}
