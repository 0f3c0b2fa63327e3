/* One client at a time; after the first that said nothing it tidies up, in naps with work between them. */
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void work_for_ms(long ms)
{
    clock_t end = clock() + ms * (CLOCKS_PER_SEC / 1000);
    while (clock() < end)
        ;
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : 54321, yes = 1, left = 20;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 || listen(listener, 64) < 0)
        return 1;
    printf("Server is listening on port %d\n", port);
    fflush(stdout);
    for (;;) {
        char line[4096];
        int conn = accept(listener, NULL, NULL);
        ssize_t n = read(conn, line, sizeof line);
        for (ssize_t i = 0; i < n; i++)
            line[i] = toupper((unsigned char)line[i]);
        if (n > 0 && write(conn, line, n) < 0)
            n = -1;
        close(conn);
        for (; n <= 0 && left > 0; left--) {
            nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
            work_for_ms(30);
        }
    }
}
