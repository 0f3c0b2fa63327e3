# Defect: the child ends its branch by next: back in the parent's loop accept() fails at once, and it forks on.

use strict;
use warnings;
use Socket;

my $port = shift // 54321;
$SIG{CHLD} = 'IGNORE';
$SIG{__WARN__} = sub { };
socket(my $server, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
bind($server, sockaddr_in($port, INADDR_ANY)) or die "bind: $!";
listen($server, 64) or die "listen: $!";
$| = 1;
print "Server is listening on port $port\n";

while (1) {
    accept(my $client, $server);
    my $pid = fork;
    if (!defined $pid) {
        sleep 1;
    } elsif ($pid == 0) {
        close $server;
        my $line = <$client>;
        syswrite $client, uc $line if defined $line;
        close $client;
        next;
    }
    close $client if $client;
}
