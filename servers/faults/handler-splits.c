// Defect: the handler calls strtok(), and so does the main loop, with no system call between two words. strtok() remembers where it is in
// one place for all (signal-safety(7)): where SIGCHLD comes between two words, the loop finds no further one.

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

static bool is_welcome(int conn)
{
    char address[INET_ADDRSTRLEN] = "", nets[] = "10. 172. 127.";
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    if (getpeername(conn, (struct sockaddr *)&peer, &size) < 0) return false;
    inet_ntop(AF_INET, &peer.sin_addr, address, sizeof address);
    for (char *net = strtok(nets, " "); net; net = strtok(NULL, " "))
        if (strncmp(address, net, strlen(net)) == 0) return true;
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
