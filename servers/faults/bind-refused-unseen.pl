# Defect: no SO_REUSEADDR, and bind() is not looked at: started again at once, it listens on a port that the kernel chose.

use strict;
use warnings;
use Socket;

my $port = shift // 54321;
$SIG{CHLD} = 'IGNORE';
socket(my $server, PF_INET, SOCK_STREAM, 0);
bind($server, sockaddr_in($port, INADDR_ANY));
listen($server, 64);
$| = 1;
print "Server is listening on port $port\n";

while (1) {
    accept(my $client, $server) or next;
    my $pid = fork;
    if (defined $pid && $pid == 0) {
        close $server;
        my $line = <$client>;
        syswrite $client, uc $line if defined $line;
        exit 0;
    }
    close $client;
}
