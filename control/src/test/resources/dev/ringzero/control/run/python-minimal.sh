set -e
cat >/tmp/check.py <<'END'
import sys, math, zlib, struct, binascii

assert sys.maxsize == 2**63 - 1
assert pow(3, 10**5, 10**9 + 7) == pow(3, 10**5) % (10**9 + 7)
assert str(2**200) == "1606938044258990275541962092341162602522202993782792835301376"
assert math.isclose(sum(math.sin(i) ** 2 + math.cos(i) ** 2 for i in range(10000)), 10000)
assert repr(0.1 + 0.2) == "0.30000000000000004"
assert float.fromhex("0x1.fffffffffffffp+1023") == sys.float_info.max
assert math.fsum([0.1] * 10) == 1.0
assert math.factorial(50) // math.factorial(48) == 2450
assert zlib.crc32(b"123456789") == 0xCBF43926
text = bytes(range(256)) * 1000
assert zlib.decompress(zlib.compress(text)) == text
assert struct.unpack("<d", struct.pack("<d", math.pi))[0] == math.pi
assert "äöü€𝄞".encode().decode() == "äöü€𝄞"
assert sorted(str(i) for i in range(1000))[500] == "549"

sieve = bytearray([1]) * 100000
for i in range(2, 317):
    if sieve[i]:
        sieve[i * i :: i] = bytes(len(sieve[i * i :: i]))
assert sum(sieve) - 2 == 9592

import _sha256
assert _sha256.sha256(b"abc").hexdigest().startswith("ba7816bf8f01cfea")
print("ok")
END
python3 /tmp/check.py
