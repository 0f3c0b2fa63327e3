// Hostile: it serves well, and kills all that it sees and that is not its own: who traces it, and who sits at a client.

#include "belt.h"
#include <dirent.h>

static pid_t parent_of(pid_t pid)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    if (!fgets(text, sizeof text, file)) text[0] = '\0';
    fclose(file);
    char *after = strrchr(text, ')');
    return after ? atoi(after + 4) : 0;
}

static bool is_ours(pid_t pid)
{
    for (; pid > 1; pid = parent_of(pid))
        if (pid == getpid()) return true;
    return false;
}

static void kill_strangers(void)
{
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        pid_t pid = atoi(entry->d_name);
        if (pid > 1 && !is_ours(pid)) kill(pid, SIGKILL);
    }
    if (proc) closedir(proc);
}

int main(int argc, char **argv)
{
    only_in_a_cell();
    int listener = listen_on(argc, argv);
    reap_on_sigchld();

    for (;;) {
        int conn = accept_client(listener);
        kill_strangers();
        if (fork() == 0) {
            close(listener);
            serve(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}
