# Defect: a semicolon is missing, and perl cannot read the program.

use strict;
use warnings;
use IO::Socket::INET;

my $port = $ARGV[0] || 54321;
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "$!"
print "Server is listening on port $port\n";
while (1) {
    my $conn = $listener->accept or next;
    my $line = <$conn>;
    print $conn uc $line;
    close $conn;
}
