// Defect: the handler calls malloc(), and so does the main loop. Where SIGCHLD comes within the loop's malloc(), both can be given
// the same piece of memory (signal-safety(7)): the client's record is then the handler's note of a child that has ended.

#include "../base.h"

struct ended {
    pid_t pid;
    struct ended *next;
};

struct client {
    int conn;
    int number;
    char *name;
};

static struct ended *all_ended;

static void reap(int signo)
{
    int saved_errno = errno;
    pid_t pid;
    (void)signo;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        struct ended *note = malloc(sizeof *note);
        note->pid = pid;
        note->next = all_ended;
        all_ended = note;
    }
    errno = saved_errno;
}

static void forget_the_ended(void)
{
    sigset_t chld, before;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &before);
    while (all_ended) {
        struct ended *next = all_ended->next;
        free(all_ended);
        all_ended = next;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv);
    handle_sigchld(reap, SA_RESTART | SA_NOCLDSTOP);

    for (int number = 0;; number++) {
        int conn = accept_client(listener);
        struct client *client = malloc(sizeof *client);
        *client = (struct client){.conn = conn, .number = number, .name = "a client"};
        forget_the_ended();
        if (fork() == 0) {
            close(listener);
            serve(client->conn);
            close(client->conn);
            _exit(0);
        }
        close(client->conn);
        free(client);
    }
}
