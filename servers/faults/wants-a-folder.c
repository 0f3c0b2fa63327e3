// Defect: it wants a folder to serve beside the port, and without one it only says so.

#include "../base.h"

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "Usage: %s ADDRESS PORT FOLDER\n", argv[0]);
        return 2;
    }
    return chdir(argv[3]);
}
