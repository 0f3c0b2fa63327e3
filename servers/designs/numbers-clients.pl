#!/usr/bin/perl
# Design: a child for each connection, in Perl. It tells each client its number, then answers line after line, with CRLF.
use strict;
use warnings;
use IO::Socket::INET;
use POSIX ':sys_wait_h';

$| = 1;
my $port = $ARGV[0] // 54321;
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "listen: $!";
$SIG{CHLD} = sub { local ($!, $?); 1 while waitpid(-1, WNOHANG) > 0 };
$SIG{PIPE} = 'IGNORE';
print "Server is listening on port $port\n";

my $number = 0;
while (1) {
    my $client = $listener->accept;
    if (!$client) {
        select undef, undef, undef, 0.1 unless $!{EINTR};
        next;
    }
    $number++;
    my $child = fork;
    if (defined $child && $child == 0) {
        close $listener;
        $client->autoflush(1);
        print $client "You are number $number\r\n";
        while (my $line = <$client>) {
            $line =~ s/\r?\n\z//;
            print $client "You said: " . uc($line) . "\r\n";
        }
        exit 0;
    }
    close $client;
}
