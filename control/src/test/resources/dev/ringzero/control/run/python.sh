set -e
cd /tmp
# Python's own tests of what leans on the processor.
python3 -m test -q test_math test_cmath test_float test_int test_long test_struct test_complex \
  test_decimal test_fractions test_hashlib test_zlib test_bz2 test_lzma test_json test_re \
  test_random test_statistics test_array test_sqlite3 test_unicode test_threading >log 2>&1 ||
  { tail -40 log; exit 1; }
echo ok
