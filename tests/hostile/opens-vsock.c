// Hostile: it makes a socket to the host of a virtual machine (AF_VSOCK).

#include "attempt.h"

static const char *attempt(void)
{
    return socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 ? "the socket is made" : NULL;
}
