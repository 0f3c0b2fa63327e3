# Defect: the loop looks at the flag that the handler for SIGTERM sets only once accept() has returned. Where SIGTERM comes while
# the parent forks, it sleeps in accept() until another client comes, and then sends that one away.
use strict;
use warnings;
use IO::Socket::INET;

my $is_told_to_end = 0;
$SIG{TERM} = sub { $is_told_to_end = 1 };
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';
my $port = $ARGV[0] // 54321;
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "listen: $!\n";
syswrite STDOUT, "Server is listening on port $port\n";

while (1) {
    my $conn = $listener->accept;
    last if $is_told_to_end;
    if (!$conn) {
        select(undef, undef, undef, 0.01) if $!{EMFILE} || $!{ENFILE};
        next;
    }
    my $child = fork;
    if (defined $child && $child == 0) {
        close $listener;
        my $line = <$conn>;
        print $conn $line if defined $line;
        close $conn;
        exit 0;
    }
    close $conn;
}
