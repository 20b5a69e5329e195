# About fifty commands whose output is the same on any Linux with the same busybox.
# Runs in the guest and on the host; the two outputs must be equal.
export LC_ALL=C
cd "$(mktemp -d)"
say() { echo "== $*"; }

say text
seq 1 2000 > numbers
wc numbers
head -n 3 numbers
tail -n 2 numbers
sort -rn numbers | head -n 4
sort numbers | sha256sum
grep -c 7 numbers
sed -n 's/^\(1\)\([0-9]\)$/\2\1/p' numbers | tr '\n' ' '
echo
cut -c1 numbers | sort | uniq -c
awk 'BEGIN { s = 0; for (i = 1; i <= 5000; i++) s += 1 / (i * i); printf "%.12f\n", s }'
awk 'BEGIN { for (i = 1; i <= 6; i++) printf "%.9f %.9f %.9f\n", sin(i), exp(i), log(i) }'
awk '{ n[$1 % 7] += $1 } END { for (i = 0; i < 7; i++) print i, n[i] }' numbers
awk 'BEGIN { printf "%d %x %o %e %g\n", 123456789, 48879, 511, 12345.678, 0.0001 }'
expr 123456 \* 789
echo $((0x7fffffff * 3)) $((1 << 40)) $((-17 / 5)) $((-17 % 5))
printf '%s\n' pear apple fig | sort | tr a-z A-Z
echo 'a,b,c' | tr ',' '\n' | tac 2>/dev/null || echo 'no tac'
echo hello | rev
printf 'one two three' | xargs -n 1 echo word:
factor 1234567890 97 2>/dev/null || echo 'no factor'
echo '2 3 + 4 * p' | dc

say checksums
md5sum numbers
sha1sum numbers
sha256sum numbers
sha512sum numbers
crc32 numbers 2>/dev/null || echo 'no crc32'
dd if=numbers bs=100 count=3 skip=2 2>/dev/null | sha256sum

say compression
gzip -c numbers > numbers.gz
gunzip -c numbers.gz | cmp - numbers && echo gzip-round-trip
bzip2 -c numbers > numbers.bz2
bunzip2 -c numbers.bz2 | cmp - numbers && echo bzip2-round-trip
base64 numbers | md5sum
od -An -tx1 -N 32 numbers
hexdump -C -n 48 numbers
uuencode numbers < numbers | tail -n 2

say files
mkdir -p tree/a/b tree/c
cp numbers tree/a/b/n1
ln -s n1 tree/a/b/link
ln tree/a/b/n1 tree/c/hard
find tree | sort
find tree -type l
readlink tree/a/b/link
tar cf tree.tar tree
tar tf tree.tar | sort
mkdir out && tar xf tree.tar -C out && cmp out/tree/c/hard numbers && echo tar-round-trip
rm -r tree && ls -1
truncate -s 100000 sparse && wc -c < sparse
chmod 640 numbers && stat -c '%a %s' numbers
test -x numbers || echo not-executable
touch -d '2001-02-03 04:05:06' numbers && TZ=UTC date -r numbers '+%Y-%m-%d %H:%M:%S'
TZ=UTC date -d @1000000000

say processes
sh -c 'exit 7'; echo $?
sh -c 'kill -SEGV $$' 2>/dev/null; echo $?
(trap 'echo caught USR1; exit 0' USR1; kill -USR1 $(sh -c 'echo $PPID'); echo missed)
(trap 'echo at exit' EXIT; true)
sleep 0.05 & wait $!; echo waited $?
i=0; while [ $i -lt 300 ]; do (exit $((i % 3))) || true; i=$((i + 1)); done; echo forks $i
seq 1 40 | xargs -P 4 -n 1 sh -c 'echo $(( $0 * $0 ))' | sort -n | md5sum
yes | head -n 100000 | md5sum
mkfifo pipe; (echo through a fifo > pipe) & cat pipe; wait
(ulimit -n 8; ulimit -n)
timeout 0.2 sleep 5; echo timeout $?

say proc
cat /proc/sys/kernel/ostype
grep -c '^Name:' /proc/self/status
head -c 64 /dev/zero | sha256sum
head -c 4096 /dev/urandom | wc -c
readlink /proc/self/fd/0 > /dev/null; echo $?
cut -d' ' -f1 < /proc/self/stat > /dev/null && echo stat
say end
