// Design: main() leaves to another thread to fork a child for each connection, and to reap them.

#include "../base.h"
#include <pthread.h>
#include <stdint.h>

static void *let_in(void *argument)
{
    int listener = (intptr_t)argument;
    for (;;) {
        int conn = accept_client(listener);
        pid_t pid = fork();
        if (pid == 0) {
            close(listener);
            serve(conn);
            _exit(0);
        }
        close(conn);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    pthread_t thread;
    if (pthread_create(&thread, NULL, let_in, (void *)(intptr_t)listener) != 0) die("pthread_create");
    pthread_exit(NULL);
}
