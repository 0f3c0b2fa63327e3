# Hostile: it starts as many processes as it may, 1000 at most.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

for n in $(seq 1000); do sleep 20 & done 2> /dev/null
echo "attempt: $(jobs -p | wc -l) processes are started"
