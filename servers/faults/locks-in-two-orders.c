// Defect: who comes takes the table's lock and then the log's, and who leaves the log's and then the table's.

#include "../base.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>

static pthread_mutex_t of_table = PTHREAD_MUTEX_INITIALIZER, of_log = PTHREAD_MUTEX_INITIALIZER;
static int clients, journal;

static void enter(void)
{
    pthread_mutex_lock(&of_table);
    clients++;
    pthread_mutex_lock(&of_log);
    if (write(journal, "+", 1) < 0) {}
    pthread_mutex_unlock(&of_log);
    pthread_mutex_unlock(&of_table);
}

static void leave(void)
{
    pthread_mutex_lock(&of_log);
    if (write(journal, "-", 1) < 0) {}
    pthread_mutex_lock(&of_table);
    clients--;
    pthread_mutex_unlock(&of_table);
    pthread_mutex_unlock(&of_log);
}

static void *answer(void *argument)
{
    int conn = (intptr_t)argument;
    enter();
    serve(conn);
    leave();
    close(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    journal = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int listener = listen_on(argc, argv);

    pthread_attr_t small;  // with the usual stacks of 8 MB five hundred threads would ask for 4 GB of addresses
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

    for (;;) {
        int conn = accept_client(listener);
        pthread_t thread;
        if (pthread_create(&thread, &small, answer, (void *)(intptr_t)conn) != 0) close(conn);
    }
}
