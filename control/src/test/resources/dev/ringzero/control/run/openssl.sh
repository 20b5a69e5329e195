set -e
cd /tmp
digest() {
  [ "$(printf abc | openssl dgst "-$1" -r | cut -d' ' -f1)" = "$2" ]
}
digest md5 900150983cd24fb0d6963f7d28e17f72
digest sha1 a9993e364706816aba3e25717850c26c9cd0d89d
digest sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
digest sha512 ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f
digest sha3-256 3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532
# FIPS 197, appendix C.1
cipher=$(printf '\000\021\042\063\104\125\146\167\210\231\252\273\314\335\356\377' |
  openssl enc -aes-128-ecb -nopad -K 000102030405060708090a0b0c0d0e0f | od -An -tx1 | tr -d ' \n')
[ "$cipher" = 69c4e0d86a7b0430d8cdb78070b4c55a ]
head -c 300000 /dev/urandom >plain
for cipher in aes-256-cbc aes-256-ctr chacha20 camellia-128-cbc; do
  openssl enc -$cipher -pbkdf2 -pass pass:x -in plain -out sealed
  openssl enc -d -$cipher -pbkdf2 -pass pass:x -in sealed | cmp - plain
done
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
openssl genpkey -algorithm ED25519 -out ed.pem
openssl ecparam -name prime256v1 -genkey -noout -out ec.pem
for key in rsa ec; do
  openssl dgst -sha256 -sign $key.pem -out signature plain
  openssl dgst -sha256 -prverify $key.pem -signature signature plain >/dev/null
done
head -c 1000 plain >short
openssl pkeyutl -sign -inkey ed.pem -rawin -in short -out signature
openssl pkeyutl -verify -inkey ed.pem -rawin -in short -sigfile signature >/dev/null
echo ok
