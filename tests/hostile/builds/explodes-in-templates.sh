# Hostile: it has the compiler make 2^30 classes of one template.
[ "$(id -u)" -ne 0 ] && [ "$(awk '/^Max processes/ { print $3 ~ /^[0-9]+$/ ? $3 : 9999 }' /proc/self/limits)" -le 4096 ] || exit 1

echo 'template <int N, int M> struct T { T<N - 1, 2 * M> a; T<N - 1, 2 * M + 1> b; };' > t.cc
echo 'template <int M> struct T<0, M> {};' >> t.cc
echo 'T<30, 0> much;' >> t.cc
c++ -c t.cc > /dev/null 2>&1 && echo "attempt: it is compiled" || echo "attempt: refused"
