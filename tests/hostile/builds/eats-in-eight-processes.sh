# Hostile: it has eight processes, of which each takes 700 MB.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1
cat > eats.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    char *much = malloc(700 << 20);
    if (much == NULL) return 1;
    memset(much, 1, 700 << 20);
    sleep(2);
    return puts("x") < 0;
}
END
cc -o eats eats.c || exit 1
for n in 1 2 3 4 5 6 7 8; do ./eats > "done-$n" & done
wait
echo "attempt: $(cat done-* | wc -l) of them have it all"
