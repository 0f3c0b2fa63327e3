# Hostile: it makes empty files without end.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

n=0
while mkdir "d$n" && (cd "d$n" && touch $(seq 2000)); do n=$((n + 1)); done
echo "attempt: $n folders of 2000 files are made"
