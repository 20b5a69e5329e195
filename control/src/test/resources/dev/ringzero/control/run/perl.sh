set -e
cat >/tmp/check.pl <<'END'
use strict;
use warnings;
use Digest::SHA qw(sha1_hex sha512_hex);
use Digest::MD5 qw(md5_hex);
use Math::BigInt;
use Storable qw(dclone);
use List::Util qw(sum reduce);
use POSIX qw(floor strtol);
use Encode;
use Compress::Zlib;

sub check { my ($what, $is) = @_; die "$what\n" unless $is; }
check "sha1", sha1_hex("abc") eq "a9993e364706816aba3e25717850c26c9cd0d89d";
check "md5", md5_hex("abc") eq "900150983cd24fb0d6963f7d28e17f72";
check "factorial", Math::BigInt->new(30)->bfac() eq "265252859812191058636308480000000";
check "sum", sum(map { $_ ** 2 } 1 .. 1000) == 333833500;
check "floor", floor(-1.5) == -2 && 7.0 / 2 == 3.5 && 2 ** 0.5 > 1.414213562373 && 10 % 3 == 1;
my %count;
$count{$_}++ for "the quick brown fox jumps over the lazy dog" =~ /\w/g;
check "letters", scalar(keys %count) == 26 && $count{o} == 4;
(my $text = "a1b22c333") =~ s/(\d+)/<$1>/g;
check "substitution", $text eq "a<1>b<22>c<333>";
check "recursive pattern", "((a)(b(c)))" =~ /^(\((?:[^()]++|(?1))*\))$/;
my $copy = dclone({ a => [1, 2, { b => 3 }] });
check "clone", $copy->{a}[2]{b} == 3;
check "utf8", length(decode("UTF-8", "\xe2\x82\xac")) == 1;
check "zlib", uncompress(compress("x" x 100000)) eq "x" x 100000;
check "sort", join(",", (sort { $b <=> $a } map { $_ * 7919 % 1009 } 1 .. 1000)[0 .. 2]) eq "1008,1007,1006";
check "sprintf", sprintf("%.15g %e %#x %b", 0.1, 12345.678, 255, 10) eq "0.1 1.234568e+04 0xff 1010";
print "ok\n";
END
perl /tmp/check.pl
