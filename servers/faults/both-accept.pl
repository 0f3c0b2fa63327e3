# Defect: it assigns 0 to its pid instead of comparing, and so nobody takes the child's branch (slide 10).

use strict;
use warnings;
use IO::Socket::INET;

my $port = @ARGV ? $ARGV[0] : 54321;
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "listen: $!";
$SIG{CHLD} = 'IGNORE';
$| = 1;
print "Server is listening on port $port\n";

while (1) {
    my $conn = $listener->accept or next;
    my $pid = fork();
    if ($pid = 0) {
        close $listener;
        my $line = <$conn>;
        print $conn uc $line if defined $line;
        close $conn;
        exit 0;
    }
    close $conn;
}
