// Defect: it becomes perl with a sound server as a text on its command line; no file of it is a server.

#include "../base.h"

static const char SERVER[] =
    "use IO::Socket::INET; $SIG{CHLD} = 'IGNORE';"
    "$l = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;"
    "while (1) {"
    "    my $c = $l->accept or next;"
    "    my $pid = fork;"
    "    if (defined $pid && $pid == 0) { close $l; my $line = <$c>; print $c $line; close $c; exit 0 }"
    "    close $c;"
    "}";

int main(int argc, char **argv)
{
    char port[16];
    snprintf(port, sizeof port, "%d", port_from(argc, argv));
    announce(port_from(argc, argv));
    execlp("perl", "perl", "-e", SERVER, port, (char *)NULL);
    die("perl");
}
