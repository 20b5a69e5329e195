set -e
cd /tmp
seq 1 200000 >numbers
[ "$(awk '{ s += $1 } END { printf "%.0f", s }' numbers)" = 20000100000 ]
[ "$(awk 'BEGIN { printf "%.10f", exp(1) * atan2(0, -1) }')" = 8.5397342227 ]
[ "$(sha256sum numbers | cut -c1-16)" = "$(sort -R numbers | sort -n | sha256sum | cut -c1-16)" ]
for tool in xz zstd bzip2 gzip; do
  $tool -c numbers >packed
  $tool -dc packed | cmp - numbers
done
[ "$(echo '2^100' | bc)" = 1267650600228229401496703205376 ]
[ "$(echo 'scale=30; 4*a(1)' | bc -l)" = 3.141592653589793238462643383276 ]
factor 600851475143 | grep -q '71 839 1471 6857'
echo ok
