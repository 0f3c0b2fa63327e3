# Hostile: it creates files in folders of the system, and beside its own.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

made=0
for place in / /usr/bin /etc /var/tmp /home ..; do
    { touch "$place/hostile-$$"; } 2> /dev/null && made=$((made + 1)) && rm -f "$place/hostile-$$"
done
[ $made -gt 0 ] && echo "attempt: $made places can be written" || echo "attempt: refused"
