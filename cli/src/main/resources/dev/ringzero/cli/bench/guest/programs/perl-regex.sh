work() {
  perl -e '
    open my $in, "<", "$ENV{DATA}/text" or die;
    my %seen; my ($words, $pairs) = (0, 0);
    while (<$in>) {
      last if $. > 20000;
      $words++, $seen{$1}++ while /\b([a-z]{3,7})(?:ing|ed)?\b/g;
      $pairs++ while /(\w+)[ ,.]+\w+[ ,.]+\1/g;
      s/(\d+)/<$1>/g;
    }
    print join(" ", $words, scalar(keys %seen), $pairs), "\n";'
}
