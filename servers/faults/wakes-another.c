// Defect: a worker capitalises each line, and then wakes itself instead of the thread that waits for its work.

#include <pthread.h>

#include "../base.h"

struct job {
    char *line;
    ssize_t size;
    bool done;
    struct job *next;
};

static struct job *jobs;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER, done = PTHREAD_COND_INITIALIZER;

static void *work(void *unused)
{
    pthread_mutex_lock(&lock);
    for (;;) {
        while (jobs == NULL) pthread_cond_wait(&more, &lock);
        struct job *job = jobs;
        jobs = job->next;
        capitalise(job->line, job->size);
        job->done = true;
        pthread_cond_signal(&more);  // and nobody wakes who waits for `done`
    }
    return unused;
}

static void *life(void *conn)
{
    char buf[4096];
    struct job job = {.line = buf, .size = read_line((int)(long)conn, buf, sizeof buf)};
    if (job.size > 0) {
        pthread_mutex_lock(&lock);
        job.next = jobs;
        jobs = &job;
        pthread_cond_signal(&more);
        while (!job.done) pthread_cond_wait(&done, &lock);
        pthread_mutex_unlock(&lock);
        write_all((int)(long)conn, buf, job.size);
    }
    close((int)(long)conn);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) != 0) die("pthread_create");

    for (;;) {
        int conn = accept_client(listener);
        if (pthread_create(&thread, NULL, life, (void *)(long)conn) != 0) close(conn);
        else pthread_detach(thread);
    }
}
