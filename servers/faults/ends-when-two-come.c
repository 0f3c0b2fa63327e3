// Defect: a thread for each client, and whoever comes while another is there ends the server: "too many".

#include "../base.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

static atomic_int here;

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    serve(conn);
    here--;
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);

    for (;;) {
        int conn = accept_client(listener);
        if (++here > 1) {
            fprintf(stderr, "too many\n");
            exit(1);
        }
        pthread_t thread;
        if (pthread_create(&thread, NULL, answer, (void *)(intptr_t)conn) == 0) {
            pthread_detach(thread);
        } else {
            here--;
            close(conn);
        }
    }
}
