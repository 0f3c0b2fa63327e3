# Hostile: it has the compiler write out a macro that doubles 40 times.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

echo '#define A0 0,' > macro.c
for n in $(seq 40); do echo "#define A$n A$((n - 1)) A$((n - 1))"; done >> macro.c
echo 'char much[] = {A40};' >> macro.c
cc -c macro.c > /dev/null 2>&1 && echo "attempt: it is compiled" || echo "attempt: refused"
