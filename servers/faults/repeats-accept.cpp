// Defect: accept() is repeated while errno is EINTR, and errno stays so when accept() has succeeded.

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(int)
{
    int saved = errno;
    while (waitpid(-1, nullptr, WNOHANG) > 0) {}
    errno = saved;
}

static void answer(int conn)
{
    std::string line;
    char piece[1024];
    ssize_t size;
    while (line.find('\n') == std::string::npos && (size = recv(conn, piece, sizeof piece, 0)) > 0) {
        line.append(piece, size);
    }
    for (size_t sent = 0; sent < line.size();) {
        ssize_t done = send(conn, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
        if (done <= 0) break;
        sent += done;
    }
    close(conn);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? std::atoi(argv[1]) : 54321, on = 1;
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (bind(sock, (sockaddr *)&address, sizeof address) < 0 || listen(sock, 64) < 0) return 1;
    std::printf("Server is listening on port %d\n", port);
    std::fflush(stdout);

    struct sigaction action {};
    action.sa_handler = reap;
    sigaction(SIGCHLD, &action, nullptr);
    for (;;) {
        int conn;
        do {
            conn = accept(sock, nullptr, nullptr);
        } while (errno == EINTR);
        if (conn < 0) {
            std::perror("accept");
            usleep(50000);
            continue;
        }
        if (fork() == 0) {
            close(sock);
            answer(conn);
            _exit(0);
        }
        close(conn);
    }
}
