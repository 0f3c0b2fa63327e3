// Defect: eight children, forked beforehand, take a lock to accept, and give it back when they have served (flock(2)).

#include "../base.h"
#include <fcntl.h>
#include <sys/file.h>

enum { WORKERS = 8 };

static void work(int listener, const char *path)
{
    int lock = open(path, O_RDWR | O_CLOEXEC);
    for (;;) {
        flock(lock, LOCK_EX);
        int conn = accept_client(listener);
        serve(conn);
        close(conn);
        flock(lock, LOCK_UN);
    }
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    char path[] = "/tmp/accept-XXXXXX";
    if (mkstemp(path) < 0) die("mkstemp");

    for (int i = 0; i < WORKERS; i++)
        if (fork() == 0) work(listener, path);
    for (;;)
        if (wait(NULL) > 0 && fork() == 0) work(listener, path);
}
