// Defect: at most sixty children, by a semaphore; a child whose read() or write() fails ends without giving its place back.

#include "../base.h"
#include <semaphore.h>
#include <sys/mman.h>

static sem_t *places;

static void serve_in_child(int conn)
{
    char buf[4096];
    bool ended = false;
    while (!ended) {
        ssize_t have = read(conn, buf, sizeof buf);
        if (have < 0 && errno == EINTR) continue;
        if (have < 0) _exit(1);
        if (have == 0) break;
        char *newline = memchr(buf, '\n', have);
        if (newline) have = newline - buf + 1;
        capitalise(buf, have);
        if (!write_all(conn, buf, have)) _exit(1);
        ended = newline != NULL;
    }
    close(conn);
    sem_post(places);
    _exit(0);
}

int main(int argc, char **argv)
{
    places = mmap(NULL, sizeof *places, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (places == MAP_FAILED) die("mmap");
    sem_init(places, 1, 60);
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        while (sem_wait(places) < 0) {}
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve_in_child(conn);
        }
        if (pid < 0) sem_post(places);
        close(conn);
    }
}
