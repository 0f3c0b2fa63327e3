/* Looks for the autograder's files, peek.h being a link to one; serves, one at a time, only if it reaches none. */

#if __has_include("peek.h")
#error the assignment could be read
#endif

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *secret[] = {
    "/autograder/source", "/autograder/results", "/autograder/run_autograder", "/autograder/source/requirements.txt",
    "/forkspec", "/forkspec/assignment.toml", "/grade/results", "/grade/tests",
};
static const char *result[] = {
    "/autograder/results/results.json", "/autograder/results/other", "/autograder/results", "/autograder/results.json",
    "/grade/results/results.json", "/grade/results.json",
};

static int reached(void)
{
    for (unsigned i = 0; i < sizeof secret / sizeof *secret; i++)
        if (opendir(secret[i]) || open(secret[i], O_RDONLY) >= 0 || chmod(secret[i], 0777) == 0) return 1;
    for (unsigned i = 0; i < sizeof result / sizeof *result; i++)
        if (open(result[i], O_WRONLY | O_CREAT, 0666) >= 0 || unlink(result[i]) == 0) return 1;
    if (rename("/autograder/results", "/autograder/mine") == 0 || rename("/grade/results", "/grade/mine") == 0) return 1;
    return setuid(0) == 0;
}

int main(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(54321)};
    int sock = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    char line[4096];

    if (reached()) return 1;
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(sock, (struct sockaddr *)&any, sizeof any) || listen(sock, 5)) return 1;
    for (;;) {
        int conn = accept(sock, 0, 0);
        ssize_t got = read(conn, line, sizeof line);
        for (ssize_t i = 0; i < got; i++) line[i] = toupper(line[i]);
        if (got > 0) write(conn, line, got);
        close(conn);
    }
}
