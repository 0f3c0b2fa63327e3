# Defect: the end of the input is taken for an empty line: it answers a client that has left, and SIGPIPE ends it.

use strict;
use warnings;
use IO::Socket::INET;

my $port = @ARGV ? $ARGV[0] : 54321;
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "listen: $!";
$| = 1;
print "Server is listening on port $port\n";
while (my $conn = $listener->accept) {
    $conn->autoflush(1);
    my $line = '';
    until ($line eq 'QUIT') {
        $line = <$conn> // '';
        chomp $line;
        $line = uc $line;
        print $conn "$line\n";
    }
    close $conn;
}
