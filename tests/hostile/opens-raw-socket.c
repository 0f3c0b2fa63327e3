// Hostile: it makes a raw socket, and one that sees all packets.

#include "attempt.h"

static const char *attempt(void)
{
    return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0 || socket(AF_PACKET, SOCK_RAW, 0) >= 0 ? "a raw socket is made" : NULL;
}
