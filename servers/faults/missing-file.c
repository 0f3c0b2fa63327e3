// Defect: it includes a file of its own that was not handed in.

#include "../base.h"
#include "queue_of_clients.h"

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    serve_all(listener);
}
