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
    puts("x");
    fflush(stdout);
    return pause();
}
END
cc -o eats eats.c || exit 1
pids=
for n in 1 2 3 4 5 6 7 8; do
    ./eats > "done-$n" &
    pids="$pids $!"
done
lives() { grep -qs '^State:.[^Z]' "/proc/$1/status"; }
have=0 n=0
for pid in $pids; do
    n=$((n + 1))
    while lives "$pid" && [ ! -s "done-$n" ]; do sleep 0.1; done
done
kill -TERM $pids 2> /dev/null
for pid in $pids; do
    wait "$pid"
    [ $? -ne 143 ] || have=$((have + 1))  # ended by us, not before for want of memory
done 2> /dev/null
echo "attempt: $have of them have it all at once"
