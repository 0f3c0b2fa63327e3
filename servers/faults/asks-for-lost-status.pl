# Defect: SIGCHLD is ignored, so that system cannot tell how the command ended; its -1 is taken for a failure.

use strict;
use warnings;
use IO::Socket::INET;

$SIG{CHLD} = 'IGNORE';
my $port = $ARGV[0] // 54321;
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "listen: $!";
$| = 1;
print "Server is listening on port $port\n";

while (1) {
    my $conn = $listener->accept or next;
    my $pid = fork;
    if (defined $pid && $pid == 0) {
        close $listener;
        my $line = <$conn>;
        exit 0 unless defined $line;
        system('true') == 0 or die "the line cannot be logged\n";
        print $conn $line;
        exit 0;
    }
    close $conn;
}
