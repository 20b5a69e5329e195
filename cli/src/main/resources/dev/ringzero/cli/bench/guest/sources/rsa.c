// The work of RSA's private key: modular exponentiation of 2048 bits in libcrypto.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct bignum_st BIGNUM;
typedef struct bignum_ctx BN_CTX;
BIGNUM *BN_new(void);
BN_CTX *BN_CTX_new(void);
int BN_hex2bn(BIGNUM **a, const char *text);
char *BN_bn2hex(const BIGNUM *a);
int BN_mod_exp_mont_consttime(BIGNUM *r, const BIGNUM *a, const BIGNUM *p, const BIGNUM *m,
                              BN_CTX *ctx, void *mont);

#define DIGITS 512

static BIGNUM *number(unsigned seed) {
  static char text[DIGITS + 1];
  BIGNUM *number = NULL;
  for (int i = 0; i < DIGITS; i++) {
    seed = seed * 1664525 + 1013904223;
    text[i] = "0123456789ABCDEF"[seed >> 28];
  }
  text[0] = 'F';
  text[DIGITS - 1] = '7';
  BN_hex2bn(&number, text);
  return number;
}

int main(int argc, char **argv) {
  int rounds = atoi(argv[1]);
  BIGNUM *base = number(1), *exponent = number(2), *modulus = number(3), *result = BN_new();
  BN_CTX *context = BN_CTX_new();
  for (int i = 0; i < rounds; i++) {
    BN_mod_exp_mont_consttime(result, base, exponent, modulus, context, NULL);
    BIGNUM *kept = base;
    base = result;
    result = kept;
  }
  printf("%.32s\n", BN_bn2hex(base));
  return 0;
}
