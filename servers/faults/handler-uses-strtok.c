// Defect: the handler calls strtok(), and so does the main loop, with a system call between two words. strtok() remembers
// where it is in one place for all (signal-safety(7)): after the handler the loop finds no further word.

#include "../base.h"

static void reap(int signo)
{
    int saved_errno = errno;
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
        char told[] = "child ended";
        for (char *word = strtok(told, " "); word; word = strtok(NULL, " ")) {}
    }
    errno = saved_errno;
}

static bool is_from(int conn, const char *net)
{
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    char address[INET_ADDRSTRLEN] = "";
    if (getpeername(conn, (struct sockaddr *)&peer, &size) < 0) return false;
    inet_ntop(AF_INET, &peer.sin_addr, address, sizeof address);
    return strncmp(address, net, strlen(net)) == 0;
}

static bool is_welcome(int conn)
{
    char nets[] = "10. 127.";
    for (char *net = strtok(nets, " "); net; net = strtok(NULL, " "))
        if (is_from(conn, net)) return true;
    return false;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (;;) {
        int conn = accept_client(listener);
        if (is_welcome(conn) && fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
