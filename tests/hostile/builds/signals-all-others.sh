# Hostile: it sends signal 0 to every process that it sees but itself and its parents.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

count=0
for each in /proc/[0-9]*; do
    pid=${each#/proc/}
    case $pid in 1 | $$ | $PPID) continue ;; esac
    kill -0 "$pid" 2> /dev/null && count=$((count + 1))
done
[ $count -gt 0 ] && echo "attempt: $count others may be sent signals" || echo "attempt: refused"
