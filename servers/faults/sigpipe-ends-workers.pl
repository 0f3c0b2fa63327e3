# Defect: a worker prints its reply also where reading has failed: SIGPIPE ends it, and none is started in its place.

use strict;
use warnings;
use IO::Socket::INET;

my $port = $ARGV[0] // 54321;
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "listen: $!";
$| = 1;
print "Server is listening on port $port\n";

my $parent = $$;
for (1 .. 40) {
    my $pid = fork // die "fork: $!";
    next if $pid;
    while (1) {
        my $conn = $listener->accept or next;
        my $line = '';
        while ($line !~ /\n/) {
            sysread($conn, $line, 65536, length $line) or last;
        }
        syswrite($conn, uc $line) if length $line;
        close $conn;
    }
}
$SIG{TERM} = sub { local $SIG{TERM} = 'IGNORE'; kill 'TERM', -getpgrp; exit 0 };
sleep while 1;
