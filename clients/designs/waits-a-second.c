// It waits a second for each piece of the reply, and no longer (SO_RCVTIMEO, socket(7)); it reads to the end.
#include "../base.h"

#include <sys/time.h>

int main(int argc, char **argv)
{
    int sock = connect_to(argc, argv);
    struct timeval second = { .tv_sec = 1 };
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    char line[LONGEST], reply[LONGEST];
    size_t size = ask_user(line), so_far = 0;
    send_all(sock, line, size);
    ssize_t got;
    while (so_far < sizeof reply && (got = read(sock, reply + so_far, sizeof reply - so_far)) > 0) so_far += got;
    if (got < 0) {
        perror("read");
        return 1;
    }
    if (so_far == 0) {
        fputs("the server left without a reply\n", stderr);
        return 1;
    }
    fwrite(reply, 1, so_far, stdout);
    close(sock);
    return 0;
}
