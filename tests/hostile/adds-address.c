// Hostile: it gives the loopback of its network another address, by netlink.

#include "attempt.h"
#include <linux/rtnetlink.h>
#include <net/if.h>

static const char *attempt(void)
{
    struct {
        struct nlmsghdr head;
        struct ifaddrmsg what;
        struct rtattr kind;
        struct in_addr address;
    } order = {
        .head = {.nlmsg_len = sizeof order, .nlmsg_type = RTM_NEWADDR, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .what = {.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = if_nametoindex("lo")},
        .kind = {.rta_len = RTA_LENGTH(sizeof order.address), .rta_type = IFA_LOCAL},
        .address.s_addr = htonl(0x7f0a0a0a),
    };
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
    } told = {.error.error = -1};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0 || send(fd, &order, sizeof order, 0) < 0 || recv(fd, &told, sizeof told, 0) <= 0) return NULL;
    close(fd);
    return told.head.nlmsg_type == NLMSG_ERROR && told.error.error == 0 ? "it is added" : NULL;
}
