// Design: a relay to a service in a process of its own; a child for each client copies both ways.

#include "../base.h"

static void fork_for_each(int listener, void (*answer)(int))
{
    reap_on_sigchld();
    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            answer(conn);
            _exit(0);
        }
        if (pid < 0) perror("fork");
        close(conn);
    }
}

static struct sockaddr_in service;

static int listen_for_the_relay(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t size = sizeof service;
    service = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&service, sizeof service) < 0) die("bind");
    if (listen(listener, 64) < 0) die("listen");
    getsockname(listener, (struct sockaddr *)&service, &size);
    return listener;
}

static void relay(int client)
{
    int behind = socket(AF_INET, SOCK_STREAM, 0);
    if (behind < 0 || connect(behind, (struct sockaddr *)&service, sizeof service) < 0) return;
    struct pollfd both[] = {{.fd = client, .events = POLLIN}, {.fd = behind, .events = POLLIN}};
    for (;;) {
        if (poll(both, 2, -1) < 0) return;
        for (int i = 0; i < 2; i++) {
            if (both[i].fd < 0 || !both[i].revents) continue;
            char buf[4096];
            ssize_t rx = read(both[i].fd, buf, sizeof buf);
            int other = i ? client : behind;
            if (rx < 0 || (rx == 0 && i == 1)) return;
            if (rx > 0 && !write_all(other, buf, rx)) return;
            if (rx > 0) continue;
            shutdown(behind, SHUT_WR);  // the client has said all, and may still wait for its reply
            both[0].fd = -1;
        }
    }
}

int main(int argc, char **argv)
{
    int behind = listen_for_the_relay();
    int listener = listen_on(argc, argv);
    if (fork() == 0) {
        close(listener);
        fork_for_each(behind, serve);
    }
    close(behind);
    fork_for_each(listener, relay);
}
