// Defect: one object reads the lines of all threads; what one thread has read lies in it, and another takes it.

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

class Reader {
    char bytes_[2048];
    ssize_t have_ = 0, at_ = 0;

public:
    int next(int conn)
    {
        if (at_ >= have_) {
            have_ = recv(conn, bytes_, sizeof bytes_, 0);
            at_ = 0;
            if (have_ <= 0) return -1;
        }
        return static_cast<unsigned char>(bytes_[at_++]);
    }

    std::string line(int conn)
    {
        std::string found;
        for (int byte; (byte = next(conn)) >= 0;) {
            found.push_back(static_cast<char>(byte));
            if (byte == '\n') break;
        }
        return found;
    }
};

static Reader reader;

static void serve(int conn)
{
    std::string line = reader.line(conn);
    for (char &c : line)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    for (std::size_t sent = 0; sent < line.size();) {
        ssize_t taken = send(conn, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
        if (taken < 0) break;
        sent += static_cast<std::size_t>(taken);
    }
    close(conn);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? std::atoi(argv[1]) : 54321, on = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
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
            if (errno != EINTR && errno != ECONNABORTED) usleep(50000);
            continue;
        }
        try {
            std::thread(serve, conn).detach();
        } catch (const std::system_error &) {
            close(conn);
        }
    }
}
