// Defect: snprintf() returns the length of the whole text, also where it has cut it off, and so much is sent.

#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

struct Talk {
    char reply[2048] = {};
    char spare[1 << 20] = {};
};

static bool send_all(int conn, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(conn, text, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        text += sent;
        size -= sent;
    }
    return true;
}

static void serve(int conn)
{
    std::string line;
    char part[4096];
    while (line.size() < (1 << 20) && line.find('\n') == std::string::npos) {
        ssize_t came = recv(conn, part, sizeof part, 0);
        if (came < 0 && errno == EINTR) continue;
        if (came <= 0) break;
        line.append(part, came);
    }
    for (char &c : line) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    auto *talk = new Talk;
    int length = std::snprintf(talk->reply, sizeof talk->reply, "%s", line.c_str());
    send_all(conn, talk->reply, length);
    delete talk;
    close(conn);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? std::atoi(argv[1]) : 54321;
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) < 0 || listen(listener, 64) < 0) {
        std::perror("server");
        return 1;
    }
    std::printf("Server is listening on port %d\n", port);
    std::fflush(stdout);
    for (;;) {
        int conn = accept(listener, nullptr, nullptr);
        if (conn < 0) {
            usleep(100'000);
            continue;
        }
        try {
            std::thread(serve, conn).detach();
        } catch (const std::system_error &) {
            close(conn);
        }
    }
}
