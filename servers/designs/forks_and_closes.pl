#!/usr/bin/perl
# Design: a child for each connection tells whoever connects the same words and ends at once; SIGCHLD is ignored.

use strict;
use warnings;
use Errno;
use IO::Socket::INET;

$SIG{CHLD} = 'IGNORE';
my $port = shift // 54321;
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "listen: $!\n";
syswrite STDOUT, "Server is listening on port $port\n";

while (1) {
    my $conn = $listener->accept;
    if (!$conn) {
        select undef, undef, undef, 0.05 if $!{EMFILE} || $!{ENFILE};
        next;
    }
    my $pid = fork;
    if (defined $pid && $pid == 0) {
        close $listener;
        syswrite $conn, "Closed on Sundays.\n";
        exit 0;
    }
    close $conn;
}
