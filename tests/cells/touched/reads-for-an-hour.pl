# A child for each client reads with a time limit; who is stopped and goes on finds that it failed with EINTR, and ends.
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_RCVTIMEO);

$SIG{CHLD} = 'IGNORE';
my $port = shift // 54321;
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "listen: $!\n";
$| = 1;
print "Server is listening on port $port\n";
while (1) {
    my $client = $listener->accept or next;
    if (fork == 0) {
        close $listener;
        setsockopt($client, SOL_SOCKET, SO_RCVTIMEO, pack('l!l!', 3600, 0));
        my $line = '';
        while ($line !~ /\n/) {
            sysread($client, $line, 4096, length $line) or last;
        }
        syswrite($client, uc $line) if length $line;
        exit;
    }
    close $client;
}
