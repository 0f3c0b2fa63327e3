// Gives back what it reads, and calls random() in between.

#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    char line[64];
    for (ssize_t got; (got = read(0, line, sizeof line)) > 0;) {
        random();
        if (write(1, line, (size_t)got) < 0) return 1;
    }
    return 0;
}
